/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include <dlfcn.h>
#include <pthread.h>

static struct calsa_library library;
static int is_loaded;

/* alsa-lib would print what it cannot open: a library does not write to its program's standard error. */
static void ignore(const char *file, int line, const char *function, int error, const char *format,
                   ...) {
  (void)file, (void)line, (void)function, (void)error, (void)format;
}

static void load(void) {
  void *file = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!file) return;
#define LOAD(name)                                                                                 \
  library.name = (__typeof__(library.name))dlsym(file, #name);                                     \
  if (!library.name) return;
  CALSA_FUNCTIONS(LOAD)
#undef LOAD
  library.snd_lib_error_set_handler(ignore);
  is_loaded = 1;
}

const struct calsa_library *calsa_library(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return is_loaded ? &library : NULL;
}
