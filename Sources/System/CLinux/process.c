/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uintptr_t clinux_thread_identity(void) {
  static _Thread_local char here;
  return (uintptr_t)&here;
}

struct beginning {
  void (*body)(void *);
  void *context;
  char name[16];
};

static void *begin(void *argument) {
  struct beginning beginning = *(struct beginning *)argument;
  free(argument);
  /* By itself: who has started it cannot know whether a detached thread is still there. */
  pthread_setname_np(pthread_self(), beginning.name);
  beginning.body(beginning.context);
  return NULL;
}

int clinux_thread_start(const char *name, void (*body)(void *context), void *context) {
  struct beginning *beginning = malloc(sizeof *beginning);
  if (!beginning) return -ENOMEM;
  *beginning = (struct beginning){body, context, {0}};
  strncpy(beginning->name, name, sizeof beginning->name - 1);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  /* Signals belong to the main thread. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, begin, beginning);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error) {
    free(beginning);
    return -error;
  }
  return 0;
}

static int signal_pipe[2] = {-1, -1};

static void caught(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  /* A full pipe holds enough signals for anyone. */
  ssize_t ignored = write(signal_pipe[1], &byte, 1);
  (void)ignored;
  errno = saved;
}

int clinux_signals_open(void) {
  if (signal_pipe[0] < 0 && pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK)) return -errno;
  return signal_pipe[0];
}

int clinux_signals_catch(int number) {
  struct sigaction action = {.sa_handler = caught, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  if (sigaction(number, &action, NULL)) return -errno;
  /* Whoever started the process may have blocked the signal, and a mask is inherited. */
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  return -pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

int clinux_signals_take(int descriptor) {
  unsigned char number;
  return read(descriptor, &number, 1) == 1 ? number : 0;
}

void clinux_signals_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

void clinux_close(int descriptor) { close(descriptor); }
