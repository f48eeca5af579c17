/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "process.h"
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int economical;

void clinux_memory_economize(void) {
  economical = 1;
  /* x264 asks for huge pages: each of its pictures would end in one that it hardly uses. */
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  /* One heap for all threads: what one has freed serves the others. */
  mallopt(M_ARENA_MAX, 1);
  /* Left alone, glibc raises both with the largest block freed so far, and pictures stay in the heap. */
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

void clinux_memory_trim(void) { malloc_trim(0); }

/* Whether a debugger holds the process; also where that cannot be read. */
static int is_traced(void) {
  char text[2048];
  int descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 1;
  ssize_t count = read(descriptor, text, sizeof text - 1);
  close(descriptor);
  if (count <= 0) return 1;
  text[count] = 0;
  const char *line = strstr(text, "\nTracerPid:");
  return !line || strtol(line + 11, NULL, 10) != 0;
}

static int release(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  uintptr_t page = (uintptr_t)getpagesize();
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
    uintptr_t begin = (object->dlpi_addr + part->p_vaddr + page - 1) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + part->p_vaddr + part->p_filesz) & ~(page - 1);
    if (begin < end) madvise((void *)begin, end - begin, MADV_DONTNEED);
  }
  /* The program comes first; libraries are shared with others anyway. */
  return 1;
}

void clinux_memory_release_code(void) {
  /* A debugger's breakpoints are private pages and would be lost. */
  if (economical && !is_traced()) dl_iterate_phdr(release, NULL);
}
