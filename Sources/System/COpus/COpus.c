/* SPDX-License-Identifier: Apache-2.0 */
#include "COpus.h"

#include <opus/opus.h>
#include <stddef.h>

enum { rate = 48000 };

void *copus_encoder_open(int channels, int is_voice) {
  int error = OPUS_OK;
  OpusEncoder *encoder = opus_encoder_create(
      rate, channels, is_voice ? OPUS_APPLICATION_VOIP : OPUS_APPLICATION_AUDIO, &error);
  return error == OPUS_OK ? encoder : NULL;
}

void copus_encoder_close(void *encoder) { opus_encoder_destroy(encoder); }

int copus_encoder_set(void *encoder, const struct copus_settings *settings) {
  int results[] = {
      opus_encoder_ctl(encoder, OPUS_SET_BITRATE(settings->bits_per_second)),
      opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(settings->complexity)),
      opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(settings->uses_fec)),
      opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(settings->expected_loss)),
      opus_encoder_ctl(encoder, OPUS_SET_DTX(settings->uses_dtx)),
      opus_encoder_ctl(encoder, OPUS_SET_FORCE_CHANNELS(settings->is_mono ? 1 : OPUS_AUTO)),
  };
  for (size_t index = 0; index < sizeof results / sizeof *results; index++)
    if (results[index] != OPUS_OK) return results[index];
  return OPUS_OK;
}

int copus_encode(void *encoder, const int16_t *samples, int frames, uint8_t *packet, int capacity) {
  return opus_encode(encoder, samples, frames, packet, capacity);
}

void *copus_decoder_open(int channels) {
  int error = OPUS_OK;
  OpusDecoder *decoder = opus_decoder_create(rate, channels, &error);
  return error == OPUS_OK ? decoder : NULL;
}

void copus_decoder_close(void *decoder) { opus_decoder_destroy(decoder); }

int copus_decode(void *decoder, const uint8_t *packet, int byte_count, int16_t *samples, int frames,
                 int uses_fec) {
  return opus_decode(decoder, byte_count > 0 ? packet : NULL, byte_count, samples, frames,
                     uses_fec);
}

int copus_frame_count(const uint8_t *packet, int byte_count) {
  return opus_packet_get_nb_samples(packet, byte_count, rate);
}
