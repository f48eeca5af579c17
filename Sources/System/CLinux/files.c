/* SPDX-License-Identifier: Apache-2.0 */
#include "include/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const int clinux_no_such_file = ENOENT;

int64_t clinux_file_read(const char *path, uint8_t *bytes, size_t capacity) {
  /* A FIFO without a writer must not hold the reader up. */
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return -errno;
  size_t count = 0;
  int64_t result = 0;
  for (;;) {
    uint8_t extra;
    int is_full = count == capacity;
    ssize_t got = read(descriptor, is_full ? &extra : bytes + count, is_full ? 1 : capacity - count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) result = -errno;
    if (got > 0 && is_full) result = -EFBIG;
    if (got <= 0 || result < 0) break;
    count += (size_t)got;
  }
  close(descriptor);
  return result < 0 ? result : (int64_t)count;
}

static int write_all(int descriptor, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -errno;
    bytes += written;
    count -= (size_t)written;
  }
  return 0;
}

int clinux_file_replace(const char *path, const uint8_t *bytes, size_t count, uint32_t mode) {
  char temporary[PATH_MAX];
  int length = snprintf(temporary, sizeof temporary, "%s.new", path);
  if (length < 0 || (size_t)length >= sizeof temporary) return -ENAMETOOLONG;
  int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) return -errno;
  int result = write_all(descriptor, bytes, count);
  if (result == 0 && fsync(descriptor) < 0) result = -errno;
  close(descriptor);
  if (result == 0 && rename(temporary, path) < 0) result = -errno;
  if (result < 0) unlink(temporary);
  return result;
}

uint32_t clinux_file_mode(const char *path) {
  struct stat status;
  return stat(path, &status) < 0 ? 0 : status.st_mode & 07777;
}

uint64_t clinux_file_stamp(const char *path) {
  struct stat status;
  if (stat(path, &status) < 0) return 0;
  uint64_t stamp = (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec;
  stamp = stamp * 31 + (uint64_t)status.st_size;
  return (stamp * 31 + (uint64_t)status.st_ino) | 1;
}

int clinux_directory_make(const char *path, uint32_t mode) {
  char part[PATH_MAX];
  size_t length = strlen(path);
  if (length >= sizeof part) return -ENAMETOOLONG;
  for (size_t index = 1; index <= length; index++) {
    if (index < length && path[index] != '/') continue;
    memcpy(part, path, index);
    part[index] = 0;
    if (mkdir(part, mode) < 0 && errno != EEXIST) {
      struct stat status;
      int code = errno;
      if (stat(part, &status) < 0 || !S_ISDIR(status.st_mode)) return -code;
    }
  }
  return 0;
}

int64_t clinux_directory_list(const char *path, char *names, size_t capacity) {
  DIR *directory = opendir(path);
  if (!directory) return -errno;
  size_t count = 0;
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    size_t length = strlen(entry->d_name) + 1;
    if (entry->d_name[0] == '.' || length > capacity - count) continue;
    memcpy(names + count, entry->d_name, length);
    count += length;
  }
  closedir(directory);
  return (int64_t)count;
}

void clinux_write_all(int descriptor, const uint8_t *bytes, size_t count) {
  write_all(descriptor, bytes, count);
}

int clinux_host_name(char *name, size_t capacity) {
  if (gethostname(name, capacity) < 0) return -errno;
  name[capacity - 1] = 0;
  return 0;
}

const char *clinux_environment(const char *name) {
  return getenv(name);
}

void clinux_exit(int code) {
  exit(code);
}
