/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* A word that tells the calling thread from every other living one; never 0. */
uintptr_t clinux_thread_identity(void);
/* Starts a detached thread with every signal blocked. `name` is cut to 15 characters. */
int clinux_thread_start(const char *name, void (*body)(void *context), void *context);

/* The process's signal pipe (one per process): answers its reading end. */
int clinux_signals_open(void);
/* From now on `number` is written into the pipe instead of its usual effect. */
int clinux_signals_catch(int number);
/* Takes one signal number out of the pipe; 0 when there is none. */
int clinux_signals_take(int descriptor);
void clinux_signals_ignore_broken_pipes(void);

/* Settings of this process that spend a little time to keep little memory; call it first of all. */
void clinux_memory_economize(void);
/* Gives free pages of the heap back to the kernel. */
void clinux_memory_trim(void);
/* Unmaps the program's code and constants; what is still needed comes back from the page cache, page by page. Does nothing
   before clinux_memory_economize, nor under a debugger. */
void clinux_memory_release_code(void);

void clinux_close(int descriptor);
