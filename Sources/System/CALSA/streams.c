/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CALSA.h"
#include "library.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most_descriptors = 16 };

struct calsa_stream {
  const struct calsa_library *alsa;
  snd_pcm_t *pcm;
  int is_capture;
  struct calsa_format format;
  snd_pcm_uframes_t reserve; /* frames of the card's buffer that are left empty: they would only be delay */
};

static int set_hardware(struct calsa_stream *stream, struct calsa_format *format) {
  const struct calsa_library *alsa = stream->alsa;
  snd_pcm_hw_params_t *hardware;
  int result = alsa->snd_pcm_hw_params_malloc(&hardware);
  if (result < 0) return result;
  snd_pcm_uframes_t period = format->period, buffer = format->buffer;
  int direction = 0;
#define TRY(call)                                                                                  \
  if (result >= 0) result = call
  TRY(alsa->snd_pcm_hw_params_any(stream->pcm, hardware));
  TRY(alsa->snd_pcm_hw_params_set_access(stream->pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED));
  TRY(alsa->snd_pcm_hw_params_set_format(stream->pcm, hardware, SND_PCM_FORMAT_S16));
  TRY(alsa->snd_pcm_hw_params_set_channels(stream->pcm, hardware, format->channels));
  TRY(alsa->snd_pcm_hw_params_set_rate(stream->pcm, hardware, format->rate, 0));
  TRY(alsa->snd_pcm_hw_params_set_period_size_near(stream->pcm, hardware, &period, &direction));
  TRY(alsa->snd_pcm_hw_params_set_buffer_size_near(stream->pcm, hardware, &buffer));
  TRY(alsa->snd_pcm_hw_params(stream->pcm, hardware));
  TRY(alsa->snd_pcm_hw_params_get_period_size(hardware, &period, &direction));
  TRY(alsa->snd_pcm_hw_params_get_buffer_size(hardware, &buffer));
  alsa->snd_pcm_hw_params_free(hardware);
  format->period = (uint32_t)period;
  format->buffer = (uint32_t)buffer;
  return result;
}

static int set_software(struct calsa_stream *stream, const struct calsa_format *asked) {
  const struct calsa_library *alsa = stream->alsa;
  snd_pcm_sw_params_t *software;
  int result = alsa->snd_pcm_sw_params_malloc(&software);
  if (result < 0) return result;
  snd_pcm_uframes_t start = 1, enough = asked->period;
  if (!stream->is_capture) {
    /* Three of our blocks are enough in front of the loudspeaker, or two of the card's own. */
    snd_pcm_uframes_t buffer = stream->format.buffer, filled = 3 * asked->period;
    if (filled < 2 * stream->format.period) filled = 2 * stream->format.period;
    if (filled > buffer) filled = buffer;
    stream->reserve = buffer - filled;
    stream->format.buffer = (uint32_t)filled;
    enough += stream->reserve;
    start = filled < 2 * asked->period ? filled : 2 * asked->period;
  }
  TRY(alsa->snd_pcm_sw_params_current(stream->pcm, software));
  TRY(alsa->snd_pcm_sw_params_set_avail_min(stream->pcm, software, enough));
  TRY(alsa->snd_pcm_sw_params_set_start_threshold(stream->pcm, software, start));
  TRY(alsa->snd_pcm_sw_params_set_tstamp_mode(stream->pcm, software, SND_PCM_TSTAMP_ENABLE));
  TRY(alsa->snd_pcm_sw_params_set_tstamp_type(stream->pcm, software,
                                              SND_PCM_TSTAMP_TYPE_MONOTONIC));
  TRY(alsa->snd_pcm_sw_params(stream->pcm, software));
#undef TRY
  alsa->snd_pcm_sw_params_free(software);
  return result;
}

/* Opens `name` for exactly the format that is asked for. */
static int open_exactly(struct calsa_stream *stream, const char *name,
                        const struct calsa_format *asked) {
  snd_pcm_stream_t direction =
      stream->is_capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK;
  int result = stream->alsa->snd_pcm_open(&stream->pcm, name, direction, SND_PCM_NONBLOCK);
  if (result < 0) return result;
  stream->format = *asked;
  result = set_hardware(stream, &stream->format);
  if (result >= 0) result = set_software(stream, asked);
  if (result >= 0 && stream->is_capture) result = stream->alsa->snd_pcm_start(stream->pcm);
  if (result < 0) stream->alsa->snd_pcm_close(stream->pcm);
  return result;
}

int calsa_open(const char *name, int is_capture, struct calsa_format *format,
               calsa_stream **opened) {
  const struct calsa_library *alsa = calsa_library();
  if (!alsa) return -ELIBACC;
  struct calsa_stream *stream = calloc(1, sizeof *stream);
  if (!stream) return -ENOMEM;
  stream->alsa = alsa;
  stream->is_capture = is_capture;
  int result = open_exactly(stream, name, format);
  if (result == -EINVAL && !strchr(name, '\'')) {
    /* The card has another rate or number of channels, and its name no conversion: put one before it. */
    char converting[300];
    int length = snprintf(converting, sizeof converting, "plug:SLAVE='%s'", name);
    if (length < (int)sizeof converting) result = open_exactly(stream, converting, format);
    stream->format.is_converted = 1;
  }
  if (result < 0) {
    free(stream);
    return result;
  }
  *format = stream->format;
  *opened = stream;
  return 0;
}

void calsa_close(calsa_stream *stream) {
  stream->alsa->snd_pcm_close(stream->pcm);
  free(stream);
}

static int64_t nanoseconds_of(struct timespec time) {
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int calsa_wait(calsa_stream *stream, int wake, int64_t nanoseconds) {
  struct pollfd watched[1 + most_descriptors] = {{wake, POLLIN, 0}};
  int count = stream->alsa->snd_pcm_poll_descriptors_count(stream->pcm);
  if (count < 0 || count > most_descriptors) return -EIO;
  count = stream->alsa->snd_pcm_poll_descriptors(stream->pcm, watched + 1, (unsigned)count);
  if (count < 0) return count;
  struct timespec timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int result = ppoll(watched, (nfds_t)count + 1, nanoseconds < 0 ? NULL : &timeout, NULL);
  if (result < 0) return errno == EINTR ? 0 : -errno;
  unsigned short events = 0;
  stream->alsa->snd_pcm_poll_descriptors_revents(stream->pcm, watched + 1, (unsigned)count,
                                                 &events);
  /* An error shows when one then reads or writes. */
  return (watched[0].revents ? calsa_woken : 0) |
         (events & (POLLIN | POLLOUT | POLLERR | POLLHUP | POLLNVAL) ? calsa_ready : 0);
}

/* Frames that wait, or a card that is gone: some drivers tell only the state. */
static snd_pcm_sframes_t available(calsa_stream *stream) {
  snd_pcm_sframes_t count = stream->alsa->snd_pcm_avail_update(stream->pcm);
  return stream->alsa->snd_pcm_state(stream->pcm) == SND_PCM_STATE_DISCONNECTED ? -ENODEV : count;
}

int calsa_read(calsa_stream *stream, int16_t *samples, int frames, int64_t *captured) {
  snd_pcm_sframes_t count = available(stream);
  if (count < 0) return (int)count;
  if (count < frames) return -EAGAIN;
  snd_pcm_uframes_t waiting = 0;
  struct timespec moment = {0, 0};
  *captured = 0;
  if (stream->alsa->snd_pcm_htimestamp(stream->pcm, &waiting, &moment) == 0 &&
      nanoseconds_of(moment) > 0)
    *captured =
        nanoseconds_of(moment) - (int64_t)waiting * 1000000000 / (int64_t)stream->format.rate;
  return (int)stream->alsa->snd_pcm_readi(stream->pcm, samples, (snd_pcm_uframes_t)frames);
}

int calsa_room(calsa_stream *stream, int *delay) {
  snd_pcm_sframes_t count = available(stream), late = 0;
  if (count >= 0 && stream->alsa->snd_pcm_delay(stream->pcm, &late) < 0) late = 0;
  *delay = late < 0 ? 0 : (int)late;
  if (count < 0) return (int)count;
  return count < (snd_pcm_sframes_t)stream->reserve ? 0 : (int)(count - (snd_pcm_sframes_t)stream->reserve);
}

int calsa_write(calsa_stream *stream, const int16_t *samples, int frames) {
  return (int)stream->alsa->snd_pcm_writei(stream->pcm, samples, (snd_pcm_uframes_t)frames);
}

int calsa_recover(calsa_stream *stream, int error) {
  if (stream->alsa->snd_pcm_state(stream->pcm) == SND_PCM_STATE_DISCONNECTED) return -ENODEV;
  int result = stream->alsa->snd_pcm_recover(stream->pcm, error, 1);
  if (result >= 0 && stream->is_capture) result = stream->alsa->snd_pcm_start(stream->pcm);
  return result;
}

const char *calsa_reason(int code) { return strerrordesc_np(code < 0 ? -code : code); }
