/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "child.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_words = 64 };

static int spawn(char *const words[], int output, int *process) {
  static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  static char language[] = "LANG=C.UTF-8";
  char *environment[] = {path, language, NULL};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&actions);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  pid_t number = 0;
  int error = posix_spawn(&number, words[0], &actions, &attributes, words, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  *process = number;
  return -error;
}

int clinux_child_start(const char *words, size_t length, clinux_child *child) {
  char *list[most_words + 1];
  size_t count = 0;
  for (size_t place = 0; place < length; place += strlen(words + place) + 1) {
    if (count == most_words) return -E2BIG;
    list[count++] = (char *)words + place;
  }
  list[count] = NULL;
  if (count == 0) return -EINVAL;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) return -errno;
  /* The child is to wait for its reader as programs do. */
  fcntl(ends[1], F_SETFL, 0);
  int result = spawn(list, ends[1], &child->process);
  close(ends[1]);
  if (result < 0) {
    close(ends[0]);
    return result;
  }
  child->output = ends[0];
  child->descriptor = (int)syscall(SYS_pidfd_open, child->process, 0);
  if (child->descriptor >= 0) return 0;
  result = -errno;
  clinux_child_kill(child);
  clinux_child_reap(child);
  close(ends[0]);
  return result;
}

void clinux_child_kill(const clinux_child *child) { kill(-child->process, SIGKILL); }

int clinux_child_reap(const clinux_child *child) {
  siginfo_t how;
  int result;
  do
    result = waitid(P_PID, (id_t)child->process, &how, WEXITED);
  while (result && errno == EINTR);
  if (result) return -errno;
  return how.si_code == CLD_EXITED ? how.si_status : 128 + how.si_status;
}

long clinux_child_read(const clinux_child *child, uint8_t *bytes, size_t capacity) {
  for (;;) {
    ssize_t count = read(child->output, bytes, capacity);
    if (count >= 0) return count;
    if (errno != EINTR) return -errno;
  }
}
