/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the Swift runtime of the SDK calls and that glibc 2.36 (Debian bookworm) does not have: the C23
 * names of the number parsers, which differ only in reading 0b prefixes, and the two BSD string functions. */
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

extern long strtol(const char *, char **, int);
extern unsigned long strtoul(const char *, char **, int);
extern long long strtoll(const char *, char **, int);
extern unsigned long long strtoull(const char *, char **, int);
extern int vsscanf(const char *, const char *, va_list);

long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }

unsigned long __isoc23_strtoul(const char *text, char **end, int base) {
  return strtoul(text, end, base);
}

long long __isoc23_strtoll(const char *text, char **end, int base) {
  return strtoll(text, end, base);
}

unsigned long long __isoc23_strtoull(const char *text, char **end, int base) {
  return strtoull(text, end, base);
}

int __isoc23_sscanf(const char *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int converted = vsscanf(text, format, arguments);
  va_end(arguments);
  return converted;
}

/* Weak: a later glibc brings its own. */
__attribute__((weak)) size_t strlcpy(char *to, const char *from, size_t size) {
  size_t length = strlen(from);
  if (size > 0) {
    size_t kept = length < size ? length : size - 1;
    memcpy(to, from, kept);
    to[kept] = 0;
  }
  return length;
}

__attribute__((weak)) size_t strlcat(char *to, const char *from, size_t size) {
  size_t used = strnlen(to, size);
  return used == size ? size + strlen(from) : used + strlcpy(to + used, from, size - used);
}
