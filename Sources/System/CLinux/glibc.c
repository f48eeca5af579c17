/* SPDX-License-Identifier: Apache-2.0 */
/* The arm64 Swift runtime was compiled against a newer glibc than the boards have: these are the
   seven functions of it that glibc 2.36 lacks. The C23 forms differ from the old ones only in
   reading binary literals, which the runtime never asks for. */
#if defined(__aarch64__)
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GLIBC__) && !__GLIBC_PREREQ(2, 38)
#define weak __attribute__((weak))

weak long __isoc23_strtol(const char *text, char **end, int base) {
  return strtol(text, end, base);
}

weak unsigned long __isoc23_strtoul(const char *text, char **end, int base) {
  return strtoul(text, end, base);
}

weak long long __isoc23_strtoll(const char *text, char **end, int base) {
  return strtoll(text, end, base);
}

weak unsigned long long __isoc23_strtoull(const char *text, char **end, int base) {
  return strtoull(text, end, base);
}

weak int __isoc23_sscanf(const char *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = vsscanf(text, format, arguments);
  va_end(arguments);
  return count;
}

weak size_t strlcpy(char *destination, const char *source, size_t size) {
  size_t length = strlen(source);
  if (size > 0) {
    size_t count = length < size ? length : size - 1;
    memcpy(destination, source, count);
    destination[count] = 0;
  }
  return length;
}

weak size_t strlcat(char *destination, const char *source, size_t size) {
  size_t length = strnlen(destination, size);
  if (length == size) return size + strlen(source);
  return length + strlcpy(destination + length, source, size - length);
}
#endif
#endif
