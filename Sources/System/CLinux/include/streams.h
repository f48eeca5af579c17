/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "address.h"
#include <errno.h>
#include <stddef.h>

/* Every descriptor here is non-blocking and closed by exec. Failure is a negative errno. */

/* Listens at `address`; the unspecified IPv6 address takes IPv4 callers too, and stands for the
   IPv4 one where the kernel has no IPv6. */
int clinux_listen(const clinux_address *address, int backlog);
/* Takes the next caller. With no descriptor left, gives `*reserve` up to turn one caller away, and
   answers -EMFILE. */
int clinux_accept(int listener, int *reserve, clinux_address *peer);
/* A descriptor to give up later. */
int clinux_reserve(void);
/* Begins to connect: the descriptor becomes writable when that has ended. */
int clinux_connect(const clinux_address *address);
/* How the connecting ended: 0 or a negative errno. */
int clinux_connect_result(int descriptor);
int clinux_local_address(int descriptor, clinux_address *out);

long clinux_read(int descriptor, uint8_t *out, size_t capacity);
long clinux_write(int descriptor, const uint8_t *bytes, size_t count);
int clinux_finish_writing(int descriptor);
/* The next close sends a reset instead of waiting for what is unsent. */
void clinux_reset_on_close(int descriptor);

enum {
  clinux_would_block = EAGAIN,
  clinux_address_in_use = EADDRINUSE,
  clinux_address_not_available = EADDRNOTAVAIL,
  clinux_access_denied = EACCES,
  clinux_too_many_files = EMFILE,
  clinux_connection_refused = ECONNREFUSED,
  clinux_connection_timed_out = ETIMEDOUT,
  clinux_no_such_path = ENOENT,
  clinux_name_too_long = ENAMETOOLONG,
  clinux_busy = EBUSY,
  clinux_invalid = EINVAL,
  clinux_no_such_request = ENOTTY,
};
/* What strerror says, in `out`. */
void clinux_error_text(int code, char *out, size_t capacity);
