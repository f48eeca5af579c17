/* SPDX-License-Identifier: Apache-2.0 */
/* The hooks by which the Swift runtime lets somebody else run its tasks. */
#pragma once

/* Takes a job that no particular executor asked for. */
typedef void (*clinux_enqueue)(void *context, void *job);

/* Installs the hooks, once and for the life of the process. The two words are those of the
   executor's reference: it becomes the main actor's too, and its identity is what `enqueue` is
   called with. */
void clinux_adopt_tasks(void *identity, void *implementation, clinux_enqueue enqueue);
/* Runs a job that clinux_enqueue took. */
void clinux_run_job(void *job);
