/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded, it makes a camera of many formats look like the common webcam that has only YUYV. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>

int ioctl(int file, unsigned long request, ...) {
  static int (*real)(int, unsigned long, ...);
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  if (!real) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
  if ((unsigned)request != (unsigned)VIDIOC_ENUM_FMT) return real(file, request, argument);

  struct v4l2_fmtdesc *format = argument;
  if (format->index > 0) {
    errno = EINVAL;
    return -1;
  }
  while (real(file, request, format) == 0) {
    if (format->pixelformat == V4L2_PIX_FMT_YUYV) {
      format->index = 0;
      return 0;
    }
    format->index++;
  }
  return -1;
}
