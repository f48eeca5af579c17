/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * A thin shim over libopus: its settings go through functions with variable arguments, which Swift cannot
 * call. Sounds are of 48,000 frames a second, 16-bit samples, interleaved. Functions answer a negative
 * code of Opus when they fail.
 */

struct copus_settings {
  int32_t bits_per_second;
  int complexity; /* 0 to 10 */
  int expected_loss; /* per cent */
  int uses_fec;
  int uses_dtx;
  int is_mono; /* two channels are sent as one */
};

void *copus_encoder_open(int channels, int is_voice);
void copus_encoder_close(void *encoder);
int copus_encoder_set(void *encoder, const struct copus_settings *settings);
/* The bytes of the packet; 0 to 2 where it need not be sent. */
int copus_encode(void *encoder, const int16_t *samples, int frames, uint8_t *packet, int capacity);

void *copus_decoder_open(int channels);
void copus_decoder_close(void *decoder);
/* The frames that were written; without a packet the last one is continued, and with `uses_fec` the
 * packet tells of the one before it. */
int copus_decode(void *decoder, const uint8_t *packet, int byte_count, int16_t *samples, int frames,
                 int uses_fec);

/* The frames of a packet. */
int copus_frame_count(const uint8_t *packet, int byte_count);
