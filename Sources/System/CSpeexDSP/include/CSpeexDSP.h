/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * A thin shim over libspeexdsp: Swift cannot pass settings through its `void *`, and only what a call
 * needs crosses this line. All samples are signed 16-bit. One object is used by one thread at a time.
 */

/* Changes the rate of interleaved samples. */
typedef struct cspeexdsp_resampler cspeexdsp_resampler;

/* Opens a resampler; NULL when an argument is refused or memory is short. `quality` is 0 to 10. */
cspeexdsp_resampler *cspeexdsp_resampler_open(uint32_t channels, uint32_t input_rate, uint32_t output_rate,
                                              int quality);

/* From now on `numerator` frames in make `denominator` frames out, both at most 65,535; 0, or -1 when
 * refused. What is inside goes on without a click. */
int cspeexdsp_resampler_set_ratio(cspeexdsp_resampler *resampler, uint32_t numerator, uint32_t denominator);

/* Reads up to `*input_count` frames and writes up to `*output_count`; both become what was done.
 * 0, or -1 when the library failed. */
int cspeexdsp_resampler_run(cspeexdsp_resampler *resampler, const int16_t *input, uint32_t *input_count,
                            int16_t *output, uint32_t *output_count);

/* Frames of output by which the sound is late. */
int cspeexdsp_resampler_delay(cspeexdsp_resampler *resampler);

void cspeexdsp_resampler_close(cspeexdsp_resampler *resampler);

/* Takes out of what one microphone hears what one loudspeaker plays, and noise. */
typedef struct cspeexdsp_canceller cspeexdsp_canceller;

struct cspeexdsp_canceller_settings {
  int rate;              /* samples in a second */
  int frame;             /* samples that each call takes */
  int tail;              /* samples that an echo lasts; 0: no echo is looked for */
  int suppresses_noise;  /* 1 or 0 */
  int noise_suppression; /* the most that noise is lowered, in dB below 0 */
  int echo_suppression;  /* the most that the rest of an echo is lowered, in dB below 0 */
  int active_echo_suppression; /* the same while somebody near speaks */
  int controls_gain;     /* 1 or 0 */
  int gain_target;       /* the level that speech is brought to, 0 to 32,768 */
  int gain_limit;        /* the most that speech is raised, in dB */
};

/* Opens a canceller; NULL when memory is short. */
cspeexdsp_canceller *cspeexdsp_canceller_open(const struct cspeexdsp_canceller_settings *settings);

/* Cleans the frame `captured` into `output`, another frame; `played` is what the loudspeaker played in
 * that time, or NULL where it has been silent for long: then no echo is looked for. */
void cspeexdsp_canceller_run(cspeexdsp_canceller *canceller, const int16_t *captured, const int16_t *played,
                             int16_t *output);

/* By how many samples the loudest part of the echo is late, as far as is known now; -1 if nothing is. */
int cspeexdsp_canceller_delay(cspeexdsp_canceller *canceller);

/* Forgets the path of the echo: the loudspeaker or the microphone has been moved in time. */
void cspeexdsp_canceller_reset(cspeexdsp_canceller *canceller);

/* Whether speech is raised no further than it is. */
void cspeexdsp_canceller_hold_gain(cspeexdsp_canceller *canceller, int holds);

/* What speech is raised by at present, times 65,536. */
int cspeexdsp_canceller_gain(cspeexdsp_canceller *canceller);

/* The last frame's probability of speech, in percent. */
int cspeexdsp_canceller_speech(cspeexdsp_canceller *canceller);

void cspeexdsp_canceller_close(cspeexdsp_canceller *canceller);
