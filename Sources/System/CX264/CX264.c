/* SPDX-License-Identifier: Apache-2.0 */
#include "CX264.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x264.h>

struct cx264_encoder {
  x264_t *x264;
  x264_param_t parameters;
  x264_nal_t *nal_units;
  int nal_unit_count;
  int complaints;
  char last_complaint[160];
};

/* Keeps what x264 would print: a library does not write to its program's standard error. */
static void keep_complaint(void *private_data, int level, const char *format, va_list arguments) {
  cx264_encoder *encoder = private_data;
  if (level > X264_LOG_WARNING) return;
  encoder->complaints++;
  vsnprintf(encoder->last_complaint, sizeof encoder->last_complaint, format, arguments);
  size_t length = strlen(encoder->last_complaint);
  if (length > 0 && encoder->last_complaint[length - 1] == '\n')
    encoder->last_complaint[length - 1] = 0;
}

int cx264_knows_preset(const char *preset) {
  for (int index = 0; x264_preset_names[index]; index++)
    if (strcmp(preset, x264_preset_names[index]) == 0) return 1;
  return 0;
}

/* Told each quantizer, x264 looks at no picture before it encodes it, and keeps no half-size copies to look at.
 * It holds them between those of I and of B pictures, which it reckons by factors up to 10 from that of P pictures. */
static void take_quantizers(x264_param_t *parameters, const struct cx264_settings *settings) {
  int middle = (settings->finest_quantizer + settings->coarsest_quantizer) / 2;
  parameters->rc.i_rc_method = X264_RC_CQP;
  parameters->rc.i_qp_constant = middle;
  parameters->rc.f_ip_factor = exp2f((float)(middle - settings->finest_quantizer) / 6);
  parameters->rc.f_pb_factor = exp2f((float)(settings->coarsest_quantizer - middle) / 6);
}

static void control_rate(x264_param_t *parameters, const struct cx264_settings *settings) {
  parameters->rc.i_rc_method = X264_RC_ABR;
  parameters->rc.i_bitrate = settings->kilobits_per_second;
  parameters->rc.i_vbv_max_bitrate = settings->kilobits_per_second;
  parameters->rc.i_vbv_buffer_size = settings->buffer_kilobits;
  parameters->rc.f_vbv_buffer_init = settings->buffer_fill;
}

static void fill(x264_param_t *parameters, const struct cx264_settings *settings) {
  parameters->i_width = settings->width;
  parameters->i_height = settings->height;
  parameters->i_csp = settings->is_nv12 ? X264_CSP_NV12 : X264_CSP_I420;
  parameters->i_level_idc = settings->level;
  parameters->vui.b_fullrange = settings->is_full_range;
  parameters->vui.i_colmatrix = settings->color_matrix;

  /* One thread delays nothing. More must share a picture as slices: threads that work on
   * different pictures would each hold one back. */
  parameters->i_threads = settings->threads;
  parameters->b_sliced_threads = settings->threads > 1;
  parameters->i_lookahead_threads = 1;
  parameters->i_sync_lookahead = 0;

  /* A picture that a decoder can start at is made only when somebody asks for one. */
  parameters->i_keyint_max = X264_KEYINT_MAX_INFINITE;
  parameters->i_scenecut_threshold = 0;
  parameters->b_intra_refresh = 0;
  parameters->i_bframe = 0;
  parameters->i_frame_reference = 1;
  parameters->rc.i_lookahead = 0;
  parameters->rc.b_mb_tree = 0;

  /* What moves by more than a fifth of a line from picture to picture is a blur, and the tables of what vectors
   * cost are half as large as with the level's 512. */
  if (settings->width <= 1280 && settings->level >= 31) parameters->analyse.i_mv_range = 256;

  parameters->rc.b_filler = 0;
  parameters->i_nal_hrd = X264_NAL_HRD_NONE;
  if (settings->finest_quantizer > 0)
    take_quantizers(parameters, settings);
  else
    control_rate(parameters, settings);

  /* Without reordering and lookahead, rate control needs the nominal rate only. */
  parameters->b_vfr_input = 0;
  parameters->i_fps_num = (uint32_t)settings->rate_numerator;
  parameters->i_fps_den = (uint32_t)settings->rate_denominator;
  parameters->i_timebase_num = parameters->i_fps_den;
  parameters->i_timebase_den = parameters->i_fps_num;

  parameters->b_repeat_headers = 1;
  parameters->b_annexb = 0; /* a length field has four bytes always; a start code three or four */
  parameters->b_aud = 0;
  parameters->b_opencl = 0;
}

cx264_encoder *cx264_open(const struct cx264_settings *settings, const char *preset, char *reason,
                          int reason_capacity) {
  cx264_encoder *encoder = calloc(1, sizeof *encoder);
  if (!encoder) {
    snprintf(reason, (size_t)reason_capacity, "no memory");
    return NULL;
  }
  if (x264_param_default_preset(&encoder->parameters, preset, "zerolatency") < 0) {
    snprintf(reason, (size_t)reason_capacity, "no such preset");
    free(encoder);
    return NULL;
  }
  encoder->parameters.pf_log = keep_complaint;
  encoder->parameters.p_log_private = encoder;
  encoder->parameters.i_log_level = X264_LOG_WARNING;
  fill(&encoder->parameters, settings);
  if (x264_param_apply_profile(&encoder->parameters, "baseline") == 0)
    encoder->x264 = x264_encoder_open(&encoder->parameters);
  if (!encoder->x264) {
    snprintf(reason, (size_t)reason_capacity, "%s",
             encoder->last_complaint[0] ? encoder->last_complaint : "settings refused");
    free(encoder);
    return NULL;
  }
  return encoder;
}

int cx264_headers(cx264_encoder *encoder, struct cx264_output *output) {
  encoder->nal_unit_count = 0;
  int size = x264_encoder_headers(encoder->x264, &encoder->nal_units, &encoder->nal_unit_count);
  if (size < 0) encoder->nal_unit_count = 0;
  output->nal_unit_count = encoder->nal_unit_count;
  output->is_idr = 0;
  return size < 0 ? -1 : 0;
}

int cx264_encode(cx264_encoder *encoder, const struct cx264_picture *picture,
                 struct cx264_output *output) {
  x264_picture_t input, encoded;
  x264_picture_init(&input);
  input.i_type = picture->force_idr ? X264_TYPE_IDR : X264_TYPE_AUTO;
  input.i_pts = picture->time;
  if (encoder->parameters.rc.i_rc_method == X264_RC_CQP) input.i_qpplus1 = picture->quantizer + 1;
  input.img.i_csp = encoder->parameters.i_csp;
  input.img.i_plane = encoder->parameters.i_csp == X264_CSP_NV12 ? 2 : 3;
  for (int plane = 0; plane < input.img.i_plane; plane++) {
    input.img.plane[plane] = (uint8_t *)picture->planes[plane];
    input.img.i_stride[plane] = picture->strides[plane];
  }
  encoder->nal_unit_count = 0;
  int size = x264_encoder_encode(encoder->x264, &encoder->nal_units, &encoder->nal_unit_count,
                                 &input, &encoded);
  if (size < 0) {
    encoder->nal_unit_count = 0;
    return -1;
  }
  if (size == 0) encoder->nal_unit_count = 0;
  output->nal_unit_count = encoder->nal_unit_count;
  output->is_idr = size > 0 && encoded.i_type == X264_TYPE_IDR;
  return 0;
}

struct cx264_nal_unit cx264_nal_unit_at(const cx264_encoder *encoder, int index) {
  struct cx264_nal_unit unit = {NULL, 0};
  if (index < 0 || index >= encoder->nal_unit_count) return unit;
  const x264_nal_t *nal = &encoder->nal_units[index];
  if (nal->i_payload <= 4) return unit;
  unit.bytes = nal->p_payload + 4;
  unit.count = nal->i_payload - 4;
  return unit;
}

int cx264_set_rate(cx264_encoder *encoder, int kilobits_per_second, int buffer_kilobits) {
  x264_encoder_parameters(encoder->x264, &encoder->parameters);
  encoder->parameters.rc.i_bitrate = kilobits_per_second;
  encoder->parameters.rc.i_vbv_max_bitrate = kilobits_per_second;
  encoder->parameters.rc.i_vbv_buffer_size = buffer_kilobits;
  return x264_encoder_reconfig(encoder->x264, &encoder->parameters) < 0 ? -1 : 0;
}

int cx264_complaints(const cx264_encoder *encoder) { return encoder->complaints; }

void cx264_close(cx264_encoder *encoder) {
  if (!encoder) return;
  x264_encoder_close(encoder->x264);
  free(encoder);
}
