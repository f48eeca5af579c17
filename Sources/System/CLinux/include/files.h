/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Small files, whole. All answer a negative errno on failure. */

/* Reads at most `capacity` bytes of the file at `path`; answers how many, -EFBIG when there are more. */
int64_t clinux_file_read(const char *path, uint8_t *bytes, size_t capacity);
/* Puts a new file with `mode` in the place of the one at `path`, so that a reader and a crash see the
   old or the new one whole. */
int clinux_file_replace(const char *path, const uint8_t *bytes, size_t count, uint32_t mode);
/* The permissions of the file at `path`; none when there is no such file. */
uint32_t clinux_file_mode(const char *path);
/* A number that is another one when the file at `path` was changed or replaced; 0 when there is none. */
uint64_t clinux_file_stamp(const char *path);
/* Makes the directory at `path` and those above it, with `mode`, where they are missing. */
int clinux_directory_make(const char *path, uint32_t mode);
/* Writes the names in the directory at `path`, each with its zero, as many as fit; those that begin
   with a point are left out. Answers how many bytes. */
int64_t clinux_directory_list(const char *path, char *names, size_t capacity);
extern const int clinux_no_such_file;

/* Writes all of `bytes` to `descriptor`; errors are lost. */
void clinux_write_all(int descriptor, const uint8_t *bytes, size_t count);
/* The name that this machine calls itself, cut to `capacity`. */
int clinux_host_name(char *name, size_t capacity);
/* The value of an environment variable, or NULL. */
const char *clinux_environment(const char *name);
_Noreturn void clinux_exit(int code);
