/* SPDX-License-Identifier: Apache-2.0 */
#include "executor.h"
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* The runtime's entry points, in its own calling convention. A hook is a variable that holds what
   to call instead; its last argument is what would have been called. */
#define swift __attribute__((swiftcall))

typedef struct {
  void *identity;
  void *implementation;
} executor_reference;

typedef swift void (*enqueue_original)(void *job);
typedef swift void (*delay_original)(unsigned long long delay, void *job);
typedef swift void (*deadline_original)(long long, long long, long long, long long, int, void *);

extern swift void (*swift_task_enqueueGlobal_hook)(void *, enqueue_original);
extern swift void (*swift_task_enqueueMainExecutor_hook)(void *, enqueue_original);
extern swift void (*swift_task_enqueueGlobalWithDelay_hook)(unsigned long long, void *,
                                                            delay_original);
extern swift void (*swift_task_enqueueGlobalWithDeadline_hook)(long long, long long, long long,
                                                               long long, int, void *,
                                                               deadline_original);
extern swift executor_reference swift_task_getMainExecutor(void);
extern swift void swift_job_run(void *job, executor_reference executor);

static struct {
  void *context;
  clinux_enqueue enqueue;
  clinux_enqueue_after enqueue_after;
} adopter;

static swift void enqueue_global(void *job, enqueue_original original) {
  (void)original;
  adopter.enqueue(adopter.context, job, false);
}

static swift void enqueue_main(void *job, enqueue_original original) {
  (void)original;
  adopter.enqueue(adopter.context, job, true);
}

static swift void enqueue_delayed(unsigned long long delay, void *job, delay_original original) {
  (void)original;
  adopter.enqueue_after(adopter.context, job, delay > INT64_MAX ? INT64_MAX : (int64_t)delay);
}

/* The runtime's numbers: 1 is the continuous clock, 2 the suspending one. */
static swift void enqueue_until(long long seconds, long long nanoseconds, long long tolerance,
                                long long tolerance_nanoseconds, int clock, void *job,
                                deadline_original original) {
  (void)tolerance;
  (void)tolerance_nanoseconds;
  (void)original;
  struct timespec now;
  clock_gettime(clock == 2 ? CLOCK_MONOTONIC : CLOCK_BOOTTIME, &now);
  int64_t delay = 0;
  if (__builtin_sub_overflow((int64_t)seconds, (int64_t)now.tv_sec, &delay) ||
      __builtin_mul_overflow(delay, INT64_C(1000000000), &delay) ||
      __builtin_add_overflow(delay, (int64_t)nanoseconds - now.tv_nsec, &delay))
    delay = INT64_MAX;
  adopter.enqueue_after(adopter.context, job, delay < 0 ? 0 : delay);
}

void clinux_adopt_tasks(void *context, clinux_enqueue enqueue, clinux_enqueue_after enqueue_after) {
  adopter.context = context;
  adopter.enqueue = enqueue;
  adopter.enqueue_after = enqueue_after;
  swift_task_enqueueGlobal_hook = enqueue_global;
  swift_task_enqueueMainExecutor_hook = enqueue_main;
  swift_task_enqueueGlobalWithDelay_hook = enqueue_delayed;
  swift_task_enqueueGlobalWithDeadline_hook = enqueue_until;
}

void clinux_run_job(void *job, int isMain) {
  swift_job_run(job, isMain ? swift_task_getMainExecutor() : (executor_reference){NULL, NULL});
}
