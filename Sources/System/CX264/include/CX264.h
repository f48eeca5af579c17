/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * A thin shim over libx264: Swift cannot call its macros, and only the few settings that a camera
 * needs cross this line. One encoder is used by one thread at a time.
 */

typedef struct cx264_encoder cx264_encoder;

struct cx264_settings {
  int width;
  int height;
  int rate_numerator;
  int rate_denominator;
  int finest_quantizer;   /* above 0: each picture comes with a quantizer between these two, at most */
  int coarsest_quantizer; /* 39 apart. 0: x264 chooses them by the three settings that follow */
  int kilobits_per_second;
  int buffer_kilobits; /* the VBV buffer */
  float buffer_fill;   /* how full it starts, 0 to 1: caps the first IDR picture */
  int threads;
  int level;         /* level_idc: 31 is level 3.1 */
  int is_nv12;       /* 1: NV12, 0: I420 */
  int is_full_range; /* 0 to 255 instead of 16 to 235 */
  int color_matrix;  /* ITU-T H.264 table E-5; 2 is unspecified */
};

struct cx264_picture {
  const uint8_t *planes[3];
  int strides[3];
  int64_t time; /* counts frames; must grow */
  int force_idr;
  int quantizer; /* without meaning where x264 chooses it */
};

struct cx264_nal_unit {
  const uint8_t *bytes; /* without start code or length field; valid until the next encode */
  int count;
};

struct cx264_output {
  int nal_unit_count;
  int is_idr;
};

/* Opens an encoder; NULL when a setting is refused, with the reason in `reason`. */
cx264_encoder *cx264_open(const struct cx264_settings *settings, const char *preset, char *reason,
                          int reason_capacity);

/* Makes SPS and PPS the output; 0, or -1 when x264 failed. Before the first picture. */
int cx264_headers(cx264_encoder *encoder, struct cx264_output *output);

/* Encodes one picture; 0, or -1 when x264 failed. */
int cx264_encode(cx264_encoder *encoder, const struct cx264_picture *picture,
                 struct cx264_output *output);

/* The NAL unit at `index` of the last output. */
struct cx264_nal_unit cx264_nal_unit_at(const cx264_encoder *encoder, int index);

/* Changes rate and VBV buffer from the next picture on, where x264 chooses quantizers; 0, or -1 when refused. */
int cx264_set_rate(cx264_encoder *encoder, int kilobits_per_second, int buffer_kilobits);

/* Messages of level error or warning that x264 would have printed. */
int cx264_complaints(const cx264_encoder *encoder);

void cx264_close(cx264_encoder *encoder);

/* Whether x264 knows a preset of this name. */
int cx264_knows_preset(const char *preset);
