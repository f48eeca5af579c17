/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* A program that was started. */
typedef struct {
  int process;    /* its number, which is also that of its session and its group */
  int descriptor; /* becomes readable when it has ended (pidfd_open) */
  int output;     /* the reading end of what it writes to its standard output and error */
} clinux_child;

/* Starts the program whose path is the first of `words`, each ended by a zero, `length` bytes in all:
   in a session of its own, in /, with nothing to read, no other descriptor and a fixed environment.
   Failure is a negative errno, that of exec included. */
int clinux_child_start(const char *words, size_t length, clinux_child *child);
/* Ends everything that still runs in the child's group. */
void clinux_child_kill(const clinux_child *child);
/* Takes how the child ended: its exit status, 128 and the signal that ended it, or a negative errno. */
int clinux_child_reap(const clinux_child *child);
/* Reads what there is; -EAGAIN when there is nothing yet. */
long clinux_child_read(const clinux_child *child, uint8_t *bytes, size_t capacity);
