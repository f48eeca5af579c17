/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <alsa/asoundlib.h>

/* The functions of alsa-lib that are used. */
#define CALSA_FUNCTIONS(each)                                                                      \
  each(snd_lib_error_set_handler) each(snd_card_next) each(snd_ctl_open) each(snd_ctl_close)       \
  each(snd_ctl_card_info) each(snd_ctl_card_info_malloc) each(snd_ctl_card_info_free)              \
  each(snd_ctl_card_info_get_id) each(snd_ctl_card_info_get_name) each(snd_ctl_pcm_next_device)    \
  each(snd_ctl_pcm_info) each(snd_pcm_info_malloc) each(snd_pcm_info_free)                         \
  each(snd_pcm_info_set_device) each(snd_pcm_info_set_subdevice) each(snd_pcm_info_set_stream)     \
  each(snd_pcm_info_get_name) each(snd_pcm_open) each(snd_pcm_close)                               \
  each(snd_pcm_hw_params_malloc) each(snd_pcm_hw_params_free) each(snd_pcm_hw_params_any)          \
  each(snd_pcm_hw_params_get_rate_min) each(snd_pcm_hw_params_get_rate_max)                        \
  each(snd_pcm_hw_params_get_channels_min) each(snd_pcm_hw_params_get_channels_max)                \
  each(snd_pcm_hw_params_set_access) each(snd_pcm_hw_params_set_format)                            \
  each(snd_pcm_hw_params_set_channels) each(snd_pcm_hw_params_set_rate)                            \
  each(snd_pcm_hw_params_set_period_size_near) each(snd_pcm_hw_params_set_buffer_size_near)        \
  each(snd_pcm_hw_params_get_period_size) each(snd_pcm_hw_params_get_buffer_size)                  \
  each(snd_pcm_hw_params) each(snd_pcm_sw_params_malloc) each(snd_pcm_sw_params_free)              \
  each(snd_pcm_sw_params_current) each(snd_pcm_sw_params_set_avail_min)                            \
  each(snd_pcm_sw_params_set_start_threshold) each(snd_pcm_sw_params_set_tstamp_mode)              \
  each(snd_pcm_sw_params_set_tstamp_type) each(snd_pcm_sw_params) each(snd_pcm_start)              \
  each(snd_pcm_state) each(snd_pcm_avail_update) each(snd_pcm_htimestamp) each(snd_pcm_readi)      \
  each(snd_pcm_writei) each(snd_pcm_delay) each(snd_pcm_recover) \
  each(snd_pcm_poll_descriptors_count) each(snd_pcm_poll_descriptors)                              \
  each(snd_pcm_poll_descriptors_revents)

struct calsa_library {
#define CALSA_MEMBER(name) __typeof__(&name) name;
  CALSA_FUNCTIONS(CALSA_MEMBER)
#undef CALSA_MEMBER
};

/* alsa-lib, loaded at the first call; NULL where it is not installed. */
const struct calsa_library *calsa_library(void);
