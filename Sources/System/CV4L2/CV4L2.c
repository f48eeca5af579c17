/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CV4L2.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Static_assert(cv4l2_single_planar == (int)V4L2_BUF_TYPE_VIDEO_CAPTURE, "a kind is V4L2's type");
_Static_assert(cv4l2_multiplanar == (int)V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, "a kind is V4L2's type");

static int control(int device, unsigned long request, void *argument) {
  int result;
  do
    result = ioctl(device, request, argument);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

static int ascending(const void *left, const void *right) {
  return *(const int *)left - *(const int *)right;
}

int cv4l2_list(int *numbers, int capacity) {
  DIR *folder = opendir("/dev");
  if (!folder) return 0;
  int count = 0;
  struct dirent *entry;
  while (count < capacity && (entry = readdir(folder))) {
    int number;
    char rest;
    if (sscanf(entry->d_name, "video%d%c", &number, &rest) == 1 && number >= 0)
      numbers[count++] = number;
  }
  closedir(folder);
  qsort(numbers, (size_t)count, sizeof *numbers, ascending);
  return count;
}

int cv4l2_open(const char *path) {
  int device = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return device < 0 ? -errno : device;
}

int cv4l2_identify(int device, struct cv4l2_identity *identity) {
  struct v4l2_capability capability;
  memset(&capability, 0, sizeof capability);
  int result = control(device, VIDIOC_QUERYCAP, &capability);
  if (result < 0) return result;
  uint32_t able = capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps
                                                                 : capability.capabilities;
  memset(identity, 0, sizeof *identity);
  memcpy(identity->name, capability.card, sizeof identity->name - 1);
  memcpy(identity->driver, capability.driver, sizeof identity->driver - 1);
  memcpy(identity->bus, capability.bus_info, sizeof identity->bus - 1);
  int streams = (able & V4L2_CAP_STREAMING) != 0;
  if (streams && able & V4L2_CAP_VIDEO_CAPTURE)
    identity->kind = cv4l2_single_planar;
  else if (streams && able & V4L2_CAP_VIDEO_CAPTURE_MPLANE)
    identity->kind = cv4l2_multiplanar;
  return 0;
}

int cv4l2_has_signal(int device) {
  int selected;
  struct v4l2_input input;
  memset(&input, 0, sizeof input);
  if (control(device, VIDIOC_G_INPUT, &selected) < 0) return 1;
  input.index = (uint32_t)selected;
  if (control(device, VIDIOC_ENUMINPUT, &input) < 0) return 1;
  return (input.status & (V4L2_IN_ST_NO_POWER | V4L2_IN_ST_NO_SIGNAL | V4L2_IN_ST_NO_SYNC)) == 0;
}

int cv4l2_pixel_format_at(int device, int kind, int index, struct cv4l2_pixel_format *format) {
  struct v4l2_fmtdesc description;
  memset(&description, 0, sizeof description);
  description.index = (uint32_t)index;
  description.type = (uint32_t)kind;
  int result = control(device, VIDIOC_ENUM_FMT, &description);
  if (result < 0) return result;
  memset(format, 0, sizeof *format);
  format->fourcc = description.pixelformat;
  format->is_compressed = (description.flags & V4L2_FMT_FLAG_COMPRESSED) != 0;
  memcpy(format->name, description.description, sizeof format->name - 1);
  return 0;
}

int cv4l2_sizes_at(int device, uint32_t fourcc, int index, struct cv4l2_sizes *sizes) {
  struct v4l2_frmsizeenum size;
  memset(&size, 0, sizeof size);
  size.index = (uint32_t)index;
  size.pixel_format = fourcc;
  int result = control(device, VIDIOC_ENUM_FRAMESIZES, &size);
  if (result < 0) return result;
  if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
    *sizes = (struct cv4l2_sizes){size.discrete.width,  size.discrete.width,  0,
                                  size.discrete.height, size.discrete.height, 0};
    return 0;
  }
  if (index > 0) return -EINVAL; /* a range is the only entry */
  *sizes = (struct cv4l2_sizes){
      size.stepwise.min_width,  size.stepwise.max_width,  size.stepwise.step_width,
      size.stepwise.min_height, size.stepwise.max_height, size.stepwise.step_height};
  return 0;
}

int cv4l2_intervals_at(int device, uint32_t fourcc, uint32_t width, uint32_t height, int index,
                       struct cv4l2_intervals *intervals) {
  struct v4l2_frmivalenum interval;
  memset(&interval, 0, sizeof interval);
  interval.index = (uint32_t)index;
  interval.pixel_format = fourcc;
  interval.width = width;
  interval.height = height;
  int result = control(device, VIDIOC_ENUM_FRAMEINTERVALS, &interval);
  if (result < 0) return result;
  if (interval.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
    *intervals = (struct cv4l2_intervals){interval.discrete.numerator,
                                          interval.discrete.denominator, 0};
    return 0;
  }
  if (index > 0) return -EINVAL;
  *intervals = (struct cv4l2_intervals){interval.stepwise.min.numerator,
                                        interval.stepwise.min.denominator, 1};
  return 0;
}

static void describe_colors(struct cv4l2_picture_format *format, uint32_t space, uint32_t matrix,
                            uint32_t range) {
  if (range == V4L2_QUANTIZATION_DEFAULT) range = V4L2_MAP_QUANTIZATION_DEFAULT(0, space, matrix);
  format->is_full_range = range == V4L2_QUANTIZATION_FULL_RANGE;
  if (matrix == V4L2_YCBCR_ENC_DEFAULT)
    matrix = space == V4L2_COLORSPACE_DEFAULT ? V4L2_YCBCR_ENC_601
                                              : V4L2_MAP_YCBCR_ENC_DEFAULT(space);
  format->color_matrix = matrix == V4L2_YCBCR_ENC_601   ? 6
                         : matrix == V4L2_YCBCR_ENC_709 ? 1
                                                        : 2;
}

static int set_multiplanar_format(int device, struct cv4l2_picture_format *format) {
  struct v4l2_format wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.type = cv4l2_multiplanar;
  wanted.fmt.pix_mp.width = format->width;
  wanted.fmt.pix_mp.height = format->height;
  wanted.fmt.pix_mp.pixelformat = format->fourcc;
  wanted.fmt.pix_mp.field = V4L2_FIELD_NONE;
  int result = control(device, VIDIOC_S_FMT, &wanted);
  if (result < 0) return result;
  const struct v4l2_pix_format_mplane *taken = &wanted.fmt.pix_mp;
  if (taken->num_planes < 1 || taken->num_planes > cv4l2_most_planes) return -EINVAL;
  format->width = taken->width;
  format->height = taken->height;
  format->fourcc = taken->pixelformat;
  format->memory_count = taken->num_planes;
  for (int index = 0; index < taken->num_planes; index++) {
    format->strides[index] = taken->plane_fmt[index].bytesperline;
    format->byte_counts[index] = taken->plane_fmt[index].sizeimage;
  }
  describe_colors(format, taken->colorspace, taken->ycbcr_enc, taken->quantization);
  return 0;
}

int cv4l2_set_format(int device, int kind, struct cv4l2_picture_format *format) {
  if (kind == cv4l2_multiplanar) return set_multiplanar_format(device, format);
  struct v4l2_format wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.type = (uint32_t)kind;
  wanted.fmt.pix.width = format->width;
  wanted.fmt.pix.height = format->height;
  wanted.fmt.pix.pixelformat = format->fourcc;
  wanted.fmt.pix.field = V4L2_FIELD_NONE;
  int result = control(device, VIDIOC_S_FMT, &wanted);
  if (result < 0) return result;
  const struct v4l2_pix_format *taken = &wanted.fmt.pix;
  format->width = taken->width;
  format->height = taken->height;
  format->fourcc = taken->pixelformat;
  format->memory_count = 1;
  format->strides[0] = taken->bytesperline;
  format->byte_counts[0] = taken->sizeimage;
  describe_colors(format, taken->colorspace, taken->ycbcr_enc, taken->quantization);
  return 0;
}

int cv4l2_set_interval(int device, int kind, uint32_t *numerator, uint32_t *denominator) {
  struct v4l2_streamparm parameters;
  memset(&parameters, 0, sizeof parameters);
  parameters.type = (uint32_t)kind;
  parameters.parm.capture.timeperframe.numerator = *numerator;
  parameters.parm.capture.timeperframe.denominator = *denominator;
  int result = control(device, VIDIOC_S_PARM, &parameters);
  if (result < 0) return result;
  *numerator = parameters.parm.capture.timeperframe.numerator;
  *denominator = parameters.parm.capture.timeperframe.denominator;
  return 0;
}

int cv4l2_request_buffers(int device, int kind, int count) {
  struct v4l2_requestbuffers request;
  memset(&request, 0, sizeof request);
  request.count = (uint32_t)count;
  request.type = (uint32_t)kind;
  request.memory = V4L2_MEMORY_MMAP;
  int result = control(device, VIDIOC_REQBUFS, &request);
  return result < 0 ? result : (int)request.count;
}

/* A buffer as the driver wants it described; `planes` is used by multiplanar devices. */
static struct v4l2_buffer buffer_at(int kind, int index, struct v4l2_plane planes[VIDEO_MAX_PLANES]) {
  struct v4l2_buffer buffer;
  memset(&buffer, 0, sizeof buffer);
  buffer.index = (uint32_t)index;
  buffer.type = (uint32_t)kind;
  buffer.memory = V4L2_MEMORY_MMAP;
  if (kind != cv4l2_multiplanar) return buffer;
  memset(planes, 0, VIDEO_MAX_PLANES * sizeof *planes);
  buffer.m.planes = planes;
  buffer.length = VIDEO_MAX_PLANES;
  return buffer;
}

int cv4l2_map(int device, int kind, int index, struct cv4l2_mapped *mapped) {
  struct v4l2_plane planes[VIDEO_MAX_PLANES];
  struct v4l2_buffer buffer = buffer_at(kind, index, planes);
  int result = control(device, VIDIOC_QUERYBUF, &buffer);
  if (result < 0) return result;
  if (kind != cv4l2_multiplanar) {
    planes[0].length = buffer.length;
    planes[0].m.mem_offset = buffer.m.offset;
    buffer.length = 1;
  }
  if (buffer.length < 1 || buffer.length > cv4l2_most_planes) return -EINVAL;

  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  memset(mapped, 0, sizeof *mapped);
  for (uint32_t plane = 0; plane < buffer.length; plane++) {
    mapped->offsets[plane] = mapped->byte_count;
    mapped->byte_counts[plane] = planes[plane].length;
    mapped->byte_count += (planes[plane].length + page - 1) / page * page;
  }
  /* The addresses are reserved first, so that the memories lie in one piece. */
  uint8_t *start = mmap(NULL, mapped->byte_count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return -errno;
  for (uint32_t plane = 0; plane < buffer.length; plane++) {
    if (mmap(start + mapped->offsets[plane], planes[plane].length, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_FIXED, device, (off_t)planes[plane].m.mem_offset) != MAP_FAILED)
      continue;
    result = -errno;
    munmap(start, mapped->byte_count);
    return result;
  }
  mapped->start = start;
  return 0;
}

void cv4l2_unmap(void *start, size_t byte_count) { munmap(start, byte_count); }

int cv4l2_queue(int device, int kind, int index) {
  struct v4l2_plane planes[VIDEO_MAX_PLANES];
  struct v4l2_buffer buffer = buffer_at(kind, index, planes);
  return control(device, VIDIOC_QBUF, &buffer);
}

int cv4l2_dequeue(int device, int kind, struct cv4l2_dequeued *picture) {
  struct v4l2_plane planes[VIDEO_MAX_PLANES];
  struct v4l2_buffer buffer = buffer_at(kind, 0, planes);
  int result = control(device, VIDIOC_DQBUF, &buffer);
  if (result < 0) return result;
  memset(picture, 0, sizeof *picture);
  picture->index = (int)buffer.index;
  picture->byte_counts[0] = buffer.bytesused;
  for (uint32_t plane = 0; kind == cv4l2_multiplanar && plane < cv4l2_most_planes; plane++) {
    picture->byte_counts[plane] = planes[plane].bytesused;
    picture->starts[plane] = planes[plane].data_offset;
  }
  picture->sequence = buffer.sequence;
  picture->is_damaged = (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0;
  int monotonic =
      (buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  picture->captured = monotonic ? (int64_t)buffer.timestamp.tv_sec * 1000000000 +
                                      (int64_t)buffer.timestamp.tv_usec * 1000
                                : 0;
  return 0;
}

int cv4l2_start(int device, int kind) { return control(device, VIDIOC_STREAMON, &kind); }

int cv4l2_stop(int device, int kind) { return control(device, VIDIOC_STREAMOFF, &kind); }

int cv4l2_wait(int descriptor, int wake, int64_t nanoseconds) {
  struct pollfd watched[2] = {{wake, POLLIN, 0}, {descriptor, POLLIN, 0}};
  struct timespec timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int result = ppoll(watched, 2, nanoseconds < 0 ? NULL : &timeout, NULL);
  if (result < 0) return errno == EINTR ? 0 : -errno;
  return (watched[0].revents ? cv4l2_woken : 0) | (watched[1].revents & POLLIN ? cv4l2_ready : 0) |
         (watched[1].revents & (POLLERR | POLLHUP | POLLNVAL) ? cv4l2_broken : 0);
}

int cv4l2_wake_open(void) {
  int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return wake < 0 ? -errno : wake;
}

void cv4l2_wake_signal(int wake) { eventfd_write(wake, 1); }

int cv4l2_file_open(const char *path) {
  int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  return file < 0 ? -errno : file;
}

int cv4l2_file_kind(int file) {
  struct stat status;
  if (fstat(file, &status) < 0) return -errno;
  if (S_ISDIR(status.st_mode)) return -EISDIR;
  return S_ISREG(status.st_mode) ? 1 : S_ISFIFO(status.st_mode) ? 2 : 0;
}

void cv4l2_file_widen(int file) { fcntl(file, F_SETPIPE_SZ, 1 << 20); }

int64_t cv4l2_file_read(int file, void *bytes, size_t count) {
  ssize_t result;
  do
    result = read(file, bytes, count);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

int cv4l2_file_rewind(int file, int64_t offset) {
  return lseek(file, (off_t)offset, SEEK_SET) < 0 ? -errno : 0;
}

void cv4l2_close(int descriptor) { close(descriptor); }

int64_t cv4l2_wall_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const char *cv4l2_reason(int code) { return strerrordesc_np(code < 0 ? -code : code); }
