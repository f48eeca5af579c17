/* SPDX-License-Identifier: Apache-2.0 */
#include <speex/speex_resampler.h>
#include <stdlib.h>

#include "CSpeexDSP.h"

struct cspeexdsp_resampler {
  SpeexResamplerState *state;
  uint32_t input_rate;
  uint32_t output_rate;
};

cspeexdsp_resampler *cspeexdsp_resampler_open(uint32_t channels, uint32_t input_rate, uint32_t output_rate,
                                              int quality) {
  cspeexdsp_resampler *resampler = calloc(1, sizeof *resampler);
  if (!resampler) return NULL;
  resampler->input_rate = input_rate;
  resampler->output_rate = output_rate;
  int error = 0;
  resampler->state = speex_resampler_init(channels, input_rate, output_rate, quality, &error);
  if (!resampler->state || error) {
    cspeexdsp_resampler_close(resampler);
    return NULL;
  }
  return resampler;
}

int cspeexdsp_resampler_set_ratio(cspeexdsp_resampler *resampler, uint32_t numerator, uint32_t denominator) {
  int error = speex_resampler_set_rate_frac(resampler->state, numerator, denominator, resampler->input_rate,
                                            resampler->output_rate);
  return error ? -1 : 0;
}

int cspeexdsp_resampler_run(cspeexdsp_resampler *resampler, const int16_t *input, uint32_t *input_count,
                            int16_t *output, uint32_t *output_count) {
  int error =
      speex_resampler_process_interleaved_int(resampler->state, input, input_count, output, output_count);
  return error ? -1 : 0;
}

int cspeexdsp_resampler_delay(cspeexdsp_resampler *resampler) {
  return speex_resampler_get_output_latency(resampler->state);
}

void cspeexdsp_resampler_close(cspeexdsp_resampler *resampler) {
  if (!resampler) return;
  if (resampler->state) speex_resampler_destroy(resampler->state);
  free(resampler);
}
