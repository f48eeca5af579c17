/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "streams.h"
#include "conversion.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int failed(int descriptor) {
  int error = errno;
  close(descriptor);
  return -error;
}

static int open_stream(bool v6) {
  int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  int descriptor = socket(v6 ? AF_INET6 : AF_INET, type, 0);
  return descriptor < 0 ? -errno : descriptor;
}

static int listen_family(const clinux_address *address, bool v6, int backlog) {
  int descriptor = open_stream(v6);
  if (descriptor < 0) return descriptor;
  int on = 1, off = 0;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (v6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  struct sockaddr_storage storage;
  socklen_t length = clinux_to_sockaddr(address, v6, &storage);
  if (bind(descriptor, (struct sockaddr *)&storage, length)) return failed(descriptor);
  if (listen(descriptor, backlog)) return failed(descriptor);
  return descriptor;
}

int clinux_listen(const clinux_address *address, int backlog) {
  if (address->family == 4) return listen_family(address, false, backlog);
  int descriptor = listen_family(address, true, backlog);
  bool any = address->high == 0 && address->low == 0;
  if (any && (descriptor == -EAFNOSUPPORT || descriptor == -EADDRNOTAVAIL)) {
    clinux_address v4 = {.port = address->port, .family = 4};
    return listen_family(&v4, false, backlog);
  }
  return descriptor;
}

static void without_delay(int descriptor) {
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int clinux_reserve(void) { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

int clinux_accept(int listener, int *reserve, clinux_address *peer) {
  struct sockaddr_storage storage;
  for (;;) {
    socklen_t length = sizeof storage;
    int descriptor = accept4(listener, (struct sockaddr *)&storage, &length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      *peer = clinux_from_sockaddr((struct sockaddr *)&storage);
      without_delay(descriptor);
      return descriptor;
    }
    int error = errno;
    /* A caller that left again before we came to the door. */
    if (error == EINTR || error == ECONNABORTED || error == EPROTO) continue;
    if (error == EMFILE && *reserve >= 0) {
      close(*reserve);
      descriptor = accept(listener, NULL, NULL);
      /* Without a descriptor the kernel does not even look whether somebody waits. */
      if (descriptor < 0) error = errno;
      if (descriptor >= 0) close(descriptor);
      *reserve = clinux_reserve();
    }
    return -error;
  }
}

int clinux_connect(const clinux_address *address) {
  bool v6 = address->family == 6;
  int descriptor = open_stream(v6);
  if (descriptor < 0) return descriptor;
  without_delay(descriptor);
  struct sockaddr_storage storage;
  socklen_t length = clinux_to_sockaddr(address, v6, &storage);
  if (connect(descriptor, (struct sockaddr *)&storage, length) && errno != EINPROGRESS)
    return failed(descriptor);
  return descriptor;
}

int clinux_connect_result(int descriptor) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)) return -errno;
  return -error;
}

int clinux_local_address(int descriptor, clinux_address *out) {
  struct sockaddr_storage storage;
  socklen_t length = sizeof storage;
  if (getsockname(descriptor, (struct sockaddr *)&storage, &length)) return -errno;
  *out = clinux_from_sockaddr((struct sockaddr *)&storage);
  return 0;
}

long clinux_read(int descriptor, uint8_t *out, size_t capacity) {
  for (;;) {
    ssize_t count = recv(descriptor, out, capacity, 0);
    if (count >= 0) return count;
    if (errno != EINTR) return -errno;
  }
}

long clinux_write(int descriptor, const uint8_t *bytes, size_t count) {
  for (;;) {
    ssize_t written = send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (written >= 0) return written;
    if (errno != EINTR) return -errno;
  }
}

int clinux_finish_writing(int descriptor) { return shutdown(descriptor, SHUT_WR) ? -errno : 0; }

void clinux_reset_on_close(int descriptor) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void clinux_error_text(int code, char *out, size_t capacity) {
  const char *text = strerrordesc_np(code);
  snprintf(out, capacity, "%s", text ? text : "unknown error");
}
