/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "poll.h"
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clinux_poller_open(void) {
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

static int control(int poller, int operation, int descriptor, uint64_t token, uint32_t interest) {
  struct epoll_event event = {.data.u64 = token};
  if (interest & clinux_readable) event.events |= EPOLLIN | EPOLLRDHUP;
  if (interest & clinux_writable) event.events |= EPOLLOUT;
  if (interest & clinux_urgent) event.events |= EPOLLPRI;
  return epoll_ctl(poller, operation, descriptor, &event) ? -errno : 0;
}

int clinux_poller_add(int poller, int descriptor, uint64_t token, uint32_t interest) {
  return control(poller, EPOLL_CTL_ADD, descriptor, token, interest);
}

int clinux_poller_change(int poller, int descriptor, uint64_t token, uint32_t interest) {
  return control(poller, EPOLL_CTL_MOD, descriptor, token, interest);
}

int clinux_poller_remove(int poller, int descriptor) {
  return control(poller, EPOLL_CTL_DEL, descriptor, 0, 0);
}

/* epoll_pwait2 waits by the nanosecond, but came with Linux 5.11: older kernels (and some
   emulators) round up to a millisecond. */
static int wait_for(int poller, struct epoll_event *events, int capacity, int64_t nanoseconds) {
#ifdef SYS_epoll_pwait2
  static atomic_bool missing;
  if (nanoseconds > 0 && !atomic_load_explicit(&missing, memory_order_relaxed)) {
    struct timespec timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    int count = (int)syscall(SYS_epoll_pwait2, poller, events, capacity, &timeout, NULL, 0);
    if (count >= 0 || errno == EINTR) return count;
    atomic_store_explicit(&missing, 1, memory_order_relaxed);
  }
#endif
  int64_t milliseconds = nanoseconds < 0 ? -1 : nanoseconds / 1000000;
  if (nanoseconds > 0 && nanoseconds % 1000000) milliseconds += 1;
  if (milliseconds > INT_MAX) milliseconds = INT_MAX;
  return epoll_wait(poller, events, capacity, (int)milliseconds);
}

int clinux_poller_wait(int poller, clinux_event *out, int capacity, int64_t nanoseconds) {
  struct epoll_event events[64];
  if (capacity > 64) capacity = 64;
  int count = wait_for(poller, events, capacity, nanoseconds);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    uint32_t ready = 0;
    if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ready |= clinux_readable;
    if (events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) ready |= clinux_writable;
    if (events[i].events & (EPOLLHUP | EPOLLERR)) ready |= clinux_hung_up;
    if (events[i].events & EPOLLPRI) ready |= clinux_urgent;
    out[i] = (clinux_event){events[i].data.u64, ready};
  }
  return count;
}

int clinux_wake_open(int blocking) {
  int descriptor = eventfd(0, EFD_CLOEXEC | (blocking ? 0 : EFD_NONBLOCK));
  return descriptor < 0 ? -errno : descriptor;
}

void clinux_wake(int descriptor) {
  uint64_t one = 1;
  /* A full counter is as good as a written one. */
  while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) {}
}

void clinux_wake_take(int descriptor) {
  uint64_t count;
  while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {}
}

static int64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int64_t clinux_monotonic_now(void) { return now(CLOCK_MONOTONIC); }

int64_t clinux_wall_now(void) { return now(CLOCK_REALTIME); }
