/* SPDX-License-Identifier: Apache-2.0 */
/* The hooks by which the Swift runtime lets somebody else run its tasks. */
#pragma once
#include <stdint.h>

/* Takes a job that no particular executor asked for; `isMain` when the main actor did. */
typedef void (*clinux_enqueue)(void *context, void *job, int isMain);
/* The same, but not before `nanoseconds` have passed. */
typedef void (*clinux_enqueue_after)(void *context, void *job, int64_t nanoseconds);

/* Installs the hooks, once and for the life of the process. */
void clinux_adopt_tasks(void *context, clinux_enqueue enqueue, clinux_enqueue_after enqueue_after);
/* Runs a job that clinux_enqueue took. */
void clinux_run_job(void *job, int isMain);
