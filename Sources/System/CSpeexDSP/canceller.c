/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#include <stdlib.h>

#include "CSpeexDSP.h"

struct cspeexdsp_canceller {
  SpeexEchoState *echo;
  SpeexPreprocessState *preprocess;
  size_t frame;
  /* Whether `preprocess` is to look for the rest of an echo. */
  int hears_echo;
  /* Room for the path of the echo, and its samples. */
  int32_t *path;
  int path_length;
};

static void set(SpeexPreprocessState *state, int request, int value) {
  speex_preprocess_ctl(state, request, &value);
}

static void fill(SpeexPreprocessState *state, const struct cspeexdsp_canceller_settings *settings) {
  /* Without it the rest of an echo would stay too: then noise is lowered by nothing. */
  set(state, SPEEX_PREPROCESS_SET_DENOISE, settings->suppresses_noise || settings->tail > 0);
  set(state, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, settings->suppresses_noise ? settings->noise_suppression : 0);
  set(state, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, settings->echo_suppression);
  set(state, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, settings->active_echo_suppression);
  set(state, SPEEX_PREPROCESS_SET_AGC, settings->controls_gain);
  if (settings->controls_gain) {
    set(state, SPEEX_PREPROCESS_SET_AGC_TARGET, settings->gain_target);
    set(state, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, settings->gain_limit);
  }
}

cspeexdsp_canceller *cspeexdsp_canceller_open(const struct cspeexdsp_canceller_settings *settings) {
  cspeexdsp_canceller *canceller = calloc(1, sizeof *canceller);
  if (!canceller) return NULL;
  canceller->frame = (size_t)settings->frame;
  canceller->preprocess = speex_preprocess_state_init(settings->frame, settings->rate);
  if (settings->tail > 0) canceller->echo = speex_echo_state_init(settings->frame, settings->tail);
  if (!canceller->preprocess || (settings->tail > 0 && !canceller->echo)) {
    cspeexdsp_canceller_close(canceller);
    return NULL;
  }
  fill(canceller->preprocess, settings);
  if (canceller->echo) {
    int rate = settings->rate;
    speex_echo_ctl(canceller->echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    speex_preprocess_ctl(canceller->preprocess, SPEEX_PREPROCESS_SET_ECHO_STATE, canceller->echo);
    canceller->hears_echo = 1;
    speex_echo_ctl(canceller->echo, SPEEX_ECHO_GET_IMPULSE_RESPONSE_SIZE, &canceller->path_length);
    canceller->path = calloc((size_t)canceller->path_length, sizeof *canceller->path);
    if (!canceller->path) {
      cspeexdsp_canceller_close(canceller);
      return NULL;
    }
  }
  return canceller;
}

void cspeexdsp_canceller_run(cspeexdsp_canceller *canceller, const int16_t *captured, const int16_t *played,
                             int16_t *output) {
  int hears_echo = canceller->echo && played;
  if (hears_echo != canceller->hears_echo) {
    speex_preprocess_ctl(canceller->preprocess, SPEEX_PREPROCESS_SET_ECHO_STATE, hears_echo ? canceller->echo : NULL);
    canceller->hears_echo = hears_echo;
  }
  if (hears_echo)
    speex_echo_cancellation(canceller->echo, captured, played, output);
  else
    for (size_t index = 0; index < canceller->frame; index++) output[index] = captured[index];
  speex_preprocess_run(canceller->preprocess, output);
}

int cspeexdsp_canceller_delay(cspeexdsp_canceller *canceller) {
  if (!canceller->path) return -1;
  speex_echo_ctl(canceller->echo, SPEEX_ECHO_GET_IMPULSE_RESPONSE, canceller->path);
  int place = -1;
  int64_t most = 0;
  for (int index = 0; index < canceller->path_length; index++) {
    int64_t size = canceller->path[index] < 0 ? -(int64_t)canceller->path[index] : canceller->path[index];
    if (size > most) {
      most = size;
      place = index;
    }
  }
  return place;
}

void cspeexdsp_canceller_reset(cspeexdsp_canceller *canceller) {
  if (canceller->echo) speex_echo_state_reset(canceller->echo);
}

void cspeexdsp_canceller_hold_gain(cspeexdsp_canceller *canceller, int holds) {
  /* Decibels a second: none, or what the library begins with. */
  set(canceller->preprocess, SPEEX_PREPROCESS_SET_AGC_INCREMENT, holds ? 0 : 12);
}

int cspeexdsp_canceller_gain(cspeexdsp_canceller *canceller) {
  int decibels = 0;
  speex_preprocess_ctl(canceller->preprocess, SPEEX_PREPROCESS_GET_AGC_GAIN, &decibels);
  return (int)lround(65536 * pow(10, decibels / 20.0));
}

int cspeexdsp_canceller_speech(cspeexdsp_canceller *canceller) {
  int probability = 0;
  speex_preprocess_ctl(canceller->preprocess, SPEEX_PREPROCESS_GET_PROB, &probability);
  return probability;
}

void cspeexdsp_canceller_close(cspeexdsp_canceller *canceller) {
  if (!canceller) return;
  if (canceller->preprocess) speex_preprocess_state_destroy(canceller->preprocess);
  if (canceller->echo) speex_echo_state_destroy(canceller->echo);
  free(canceller->path);
  free(canceller);
}
