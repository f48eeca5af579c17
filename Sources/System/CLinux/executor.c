/* SPDX-License-Identifier: Apache-2.0 */
#include "executor.h"
#include <stdbool.h>
#include <stddef.h>

/* The runtime's entry points, in its own calling convention. A hook is a variable that holds what
   to call instead; its last argument is what would have been called. */
#define swift __attribute__((swiftcall))

typedef struct {
  void *identity;
  void *implementation;
} executor_reference;

typedef swift void (*enqueue_original)(void *job);
typedef swift executor_reference (*main_original)(void);
typedef swift bool (*is_main_original)(executor_reference executor);

extern swift void (*swift_task_enqueueGlobal_hook)(void *, enqueue_original);
extern swift executor_reference (*swift_task_getMainExecutor_hook)(main_original);
extern swift bool (*swift_task_isMainExecutor_hook)(executor_reference, is_main_original);
extern swift void swift_job_run(void *job, executor_reference executor);

static struct {
  void *context;
  executor_reference executor;
  clinux_enqueue enqueue;
} adopter;

static swift void enqueue_global(void *job, enqueue_original original) {
  (void)original;
  adopter.enqueue(adopter.context, job);
}

static swift executor_reference get_main(main_original original) {
  (void)original;
  return adopter.executor;
}

static swift bool is_main(executor_reference executor, is_main_original original) {
  (void)original;
  return executor.identity == adopter.executor.identity;
}

void clinux_adopt_tasks(void *identity, void *implementation, clinux_enqueue enqueue) {
  adopter.context = identity;
  adopter.executor = (executor_reference){identity, implementation};
  adopter.enqueue = enqueue;
  swift_task_enqueueGlobal_hook = enqueue_global;
  swift_task_getMainExecutor_hook = get_main;
  swift_task_isMainExecutor_hook = is_main;
}

void clinux_run_job(void *job) { swift_job_run(job, (executor_reference){NULL, NULL}); }
