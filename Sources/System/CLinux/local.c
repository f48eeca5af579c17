/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "local.h"
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int failed(int descriptor) {
  int error = errno;
  close(descriptor);
  return -error;
}

static int name(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
  strcpy(address->sun_path, path);
  return 0;
}

static int is_abandoned(const struct sockaddr_un *address) {
  struct stat status;
  if (lstat(address->sun_path, &status) || !S_ISSOCK(status.st_mode)) return 0;
  int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return 0;
  int result = connect(probe, (const struct sockaddr *)address, sizeof *address);
  int is_refused = result && errno == ECONNREFUSED;
  close(probe);
  return is_refused;
}

int clinux_local_listen(const char *path, uint32_t mode, int64_t group, int backlog) {
  struct sockaddr_un address;
  int result = name(path, &address);
  if (result < 0) return result;
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  /* Until it listens nobody gets in, whatever its mode is by then. */
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address)) {
    if (errno != EADDRINUSE) return failed(descriptor);
    if (!is_abandoned(&address)) {
      errno = EADDRINUSE;
      return failed(descriptor);
    }
    unlink(path);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address)) return failed(descriptor);
  }
  if (group >= 0 && chown(path, (uid_t)-1, (gid_t)group)) return failed(descriptor);
  if (chmod(path, mode)) return failed(descriptor);
  if (listen(descriptor, backlog)) return failed(descriptor);
  return descriptor;
}

int clinux_local_connect(const char *path, int seconds) {
  struct sockaddr_un address;
  int result = name(path, &address);
  if (result < 0) return result;
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  struct timeval time = {.tv_sec = seconds};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address)) return failed(descriptor);
  return descriptor;
}

void clinux_local_remove(const char *path) { unlink(path); }

int64_t clinux_group(const char *name) {
  char memory[4096];
  struct group group, *found = NULL;
  int result = getgrnam_r(name, &group, memory, sizeof memory, &found);
  if (result) return -result;
  return found ? (int64_t)found->gr_gid : -ENOENT;
}
