/* SPDX-License-Identifier: Apache-2.0 */

/*
 * libx264.a holds its encoder twice, for samples of 8 and of 10 bits, and chooses when one is opened.
 * A camera has 8. What stands here in place of the other's entries keeps 0.33 MB of code and tables and
 * 0.26 MB of zeroed memory out of the program; none of it is ever called, since i_bitdepth is always 8.
 */

#include <stddef.h>
#include <stdint.h>
#include <x264.h>

x264_t *x264_10_encoder_open(x264_param_t *parameters, void *api) {
  (void)parameters;
  (void)api;
  return NULL;
}

int x264_10_encoder_reconfig(x264_t *encoder, x264_param_t *parameters) {
  (void)encoder;
  (void)parameters;
  return -1;
}

void x264_10_encoder_parameters(x264_t *encoder, x264_param_t *parameters) {
  (void)encoder;
  (void)parameters;
}

int x264_10_encoder_headers(x264_t *encoder, x264_nal_t **units, int *count) {
  (void)encoder;
  (void)units;
  (void)count;
  return -1;
}

int x264_10_encoder_encode(x264_t *encoder, x264_nal_t **units, int *count, x264_picture_t *input,
                           x264_picture_t *output) {
  (void)encoder;
  (void)units;
  (void)count;
  (void)input;
  (void)output;
  return -1;
}

void x264_10_encoder_close(x264_t *encoder) { (void)encoder; }

int x264_10_encoder_delayed_frames(x264_t *encoder) {
  (void)encoder;
  return 0;
}

int x264_10_encoder_maximum_delayed_frames(x264_t *encoder) {
  (void)encoder;
  return 0;
}

void x264_10_encoder_intra_refresh(x264_t *encoder) { (void)encoder; }

int x264_10_encoder_invalidate_reference(x264_t *encoder, int64_t time) {
  (void)encoder;
  (void)time;
  return -1;
}

void x264_10_nal_encode(x264_t *encoder, uint8_t *bytes, x264_nal_t *unit) {
  (void)encoder;
  (void)bytes;
  (void)unit;
}
