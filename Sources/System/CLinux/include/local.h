/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Unix sockets (unix(7)) of streams. Failure is a negative errno. */

/* Listens at `path` with `mode`, for `group` too unless it is negative; a socket that nobody listens at
   any more is replaced. Non-blocking. -EADDRINUSE: another program listens there. */
int clinux_local_listen(const char *path, uint32_t mode, int64_t group, int backlog);
/* Connects to `path`; reading and writing give up after `seconds`. Blocking. */
int clinux_local_connect(const char *path, int seconds);
void clinux_local_remove(const char *path);
/* The number of the group called `name`, or -ENOENT. */
int64_t clinux_group(const char *name);
