/* SPDX-License-Identifier: Apache-2.0 */
#include "include/changes.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

int clinux_changes_open(const char *path) {
  int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return -errno;
  unsigned events = IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
  if (inotify_add_watch(descriptor, path, events) < 0) {
    int code = errno;
    close(descriptor);
    return -code;
  }
  return descriptor;
}

int clinux_changes_take(int descriptor, const char *prefix) {
  alignas(struct inotify_event) char bytes[4096];
  size_t length = strlen(prefix);
  int found = 0;
  for (;;) {
    ssize_t count = read(descriptor, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return found;
    for (ssize_t place = 0; place < count;) {
      const struct inotify_event *event = (const struct inotify_event *)(bytes + place);
      if (event->mask & IN_Q_OVERFLOW) found = 1;
      if (event->len > 0 && strncmp(event->name, prefix, length) == 0) found = 1;
      place += (ssize_t)(sizeof *event + event->len);
    }
  }
}
