/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * A thin shim over alsa-lib, which is loaded when sound is first used: a board without it, or a program
 * that is not asked for sound, needs none of it. Functions answer a negative errno when they fail;
 * -ELIBACC where alsa-lib is not installed.
 */

/* One direction of one PCM device of a card. */
struct calsa_device {
  int is_capture;
  int number; /* of the device within its card */
  char card[32];       /* the card's short name, which stands in device names */
  char card_name[80];  /* the card's name for people */
  char name[80];       /* the device's */
  uint32_t minimum_rate, maximum_rate;         /* samples per second; 0 while another program has it */
  uint32_t minimum_channels, maximum_channels; /* the same */
};

/* What a stream is to deliver or take: 16-bit samples, interleaved. */
struct calsa_format {
  uint32_t rate, channels;
  uint32_t period, buffer; /* frames; what the card took replaces what was asked for */
  int is_converted;        /* whether alsa-lib converts from what the card has */
};

typedef struct calsa_stream calsa_stream;

enum { calsa_ready = 1, calsa_woken = 2 };

/* The devices of all cards; how many were written. */
int calsa_list(struct calsa_device *devices, int capacity);

/* Opens the device called `name`, and starts it where it captures. */
int calsa_open(const char *name, int is_capture, struct calsa_format *format,
               calsa_stream **opened);
void calsa_close(calsa_stream *stream);

/* Waits until there may be something to read or room to write, `wake` was signalled, or `nanoseconds`
 * have passed (negative: for ever); a set of the flags above, 0 when the time is over. */
int calsa_wait(calsa_stream *stream, int wake, int64_t nanoseconds);

/* Reads exactly `frames`; -EAGAIN while there are fewer. `captured` is when the first one was, in
 * nanoseconds of CLOCK_MONOTONIC; 0 where the driver's times are of another clock. */
int calsa_read(calsa_stream *stream, int16_t *samples, int frames, int64_t *captured);

/* How many frames can be written now; `delay` tells after how many the next one is heard. */
int calsa_room(calsa_stream *stream, int *delay);
int calsa_write(calsa_stream *stream, const int16_t *samples, int frames);

/* Goes on after `error`, which reading or writing told; negative where that cannot be. */
int calsa_recover(calsa_stream *stream, int error);

/* What a code means, in words. */
const char *calsa_reason(int code);
