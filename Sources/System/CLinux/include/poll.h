/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

enum { clinux_readable = 1, clinux_writable = 2, clinux_hung_up = 4, clinux_urgent = 8 };

/* What has become ready; `token` is what clinux_poller_watch was told. */
typedef struct {
  uint64_t token;
  uint32_t ready;
} clinux_event;

int clinux_poller_open(void);
/* Adds, changes or (with no interest at all, 0) removes a descriptor. Level-triggered. */
int clinux_poller_add(int poller, int descriptor, uint64_t token, uint32_t interest);
int clinux_poller_change(int poller, int descriptor, uint64_t token, uint32_t interest);
int clinux_poller_remove(int poller, int descriptor);
/* Waits for at most `nanoseconds` (negative: for ever) and answers the number of events. An
   interruption by a signal counts as 0 events. */
int clinux_poller_wait(int poller, clinux_event *out, int capacity, int64_t nanoseconds);

/* An event counter: `blocking` makes clinux_wake_take wait for it. */
int clinux_wake_open(int blocking);
void clinux_wake(int descriptor);
void clinux_wake_take(int descriptor);

int64_t clinux_monotonic_now(void);
int64_t clinux_wall_now(void);
