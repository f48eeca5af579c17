/* SPDX-License-Identifier: Apache-2.0 */
#include "CALSA.h"
#include "library.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void copy(char *target, size_t size, const char *text) {
  snprintf(target, size, "%s", text ? text : "");
}

/* What the hardware itself can do; left at 0 where it cannot be opened now. */
static void measure(const struct calsa_library *alsa, struct calsa_device *device, int card) {
  char name[40];
  snprintf(name, sizeof name, "hw:%d,%d", card, device->number);
  snd_pcm_t *pcm;
  snd_pcm_stream_t stream = device->is_capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK;
  if (alsa->snd_pcm_open(&pcm, name, stream, SND_PCM_NONBLOCK) < 0) return;
  snd_pcm_hw_params_t *hardware;
  if (alsa->snd_pcm_hw_params_malloc(&hardware) == 0) {
    int direction = 0;
    if (alsa->snd_pcm_hw_params_any(pcm, hardware) >= 0) {
      alsa->snd_pcm_hw_params_get_rate_min(hardware, &device->minimum_rate, &direction);
      alsa->snd_pcm_hw_params_get_rate_max(hardware, &device->maximum_rate, &direction);
      alsa->snd_pcm_hw_params_get_channels_min(hardware, &device->minimum_channels);
      alsa->snd_pcm_hw_params_get_channels_max(hardware, &device->maximum_channels);
    }
    alsa->snd_pcm_hw_params_free(hardware);
  }
  alsa->snd_pcm_close(pcm);
}

static int list_card(const struct calsa_library *alsa, int card, struct calsa_device *devices,
                     int capacity) {
  char name[16];
  snprintf(name, sizeof name, "hw:%d", card);
  snd_ctl_t *control;
  if (alsa->snd_ctl_open(&control, name, SND_PCM_NONBLOCK) < 0) return 0;
  snd_ctl_card_info_t *about = NULL;
  snd_pcm_info_t *info = NULL;
  int count = 0;
  if (alsa->snd_ctl_card_info_malloc(&about) == 0 && alsa->snd_pcm_info_malloc(&info) == 0 &&
      alsa->snd_ctl_card_info(control, about) >= 0) {
    int number = -1;
    while (alsa->snd_ctl_pcm_next_device(control, &number) >= 0 && number >= 0) {
      for (int is_capture = 0; is_capture < 2 && count < capacity; is_capture++) {
        alsa->snd_pcm_info_set_device(info, (unsigned)number);
        alsa->snd_pcm_info_set_subdevice(info, 0);
        alsa->snd_pcm_info_set_stream(info, is_capture ? SND_PCM_STREAM_CAPTURE
                                                       : SND_PCM_STREAM_PLAYBACK);
        if (alsa->snd_ctl_pcm_info(control, info) < 0) continue;
        struct calsa_device *device = &devices[count++];
        memset(device, 0, sizeof *device);
        device->is_capture = is_capture;
        device->number = number;
        copy(device->card, sizeof device->card, alsa->snd_ctl_card_info_get_id(about));
        copy(device->card_name, sizeof device->card_name, alsa->snd_ctl_card_info_get_name(about));
        copy(device->name, sizeof device->name, alsa->snd_pcm_info_get_name(info));
        measure(alsa, device, card);
      }
    }
  }
  if (info) alsa->snd_pcm_info_free(info);
  if (about) alsa->snd_ctl_card_info_free(about);
  alsa->snd_ctl_close(control);
  return count;
}

int calsa_list(struct calsa_device *devices, int capacity) {
  const struct calsa_library *alsa = calsa_library();
  if (!alsa) return -ELIBACC;
  int count = 0;
  int card = -1;
  while (alsa->snd_card_next(&card) >= 0 && card >= 0)
    count += list_card(alsa, card, devices + count, capacity - count);
  return count;
}
