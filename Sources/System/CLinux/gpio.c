/* SPDX-License-Identifier: Apache-2.0 */
#include "gpio.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int control(int descriptor, unsigned long request, void *argument) {
  int result;
  do
    result = ioctl(descriptor, request, argument);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

/* Takes a line as `flags` and `attribute` say; answers its descriptor. */
static int take(const char *path, uint32_t line, uint64_t flags, int is_active_low, struct gpio_v2_line_attribute attribute) {
  int chip = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (chip < 0) return -errno;
  struct gpio_v2_line_request request;
  memset(&request, 0, sizeof request);
  request.offsets[0] = line;
  request.num_lines = 1;
  strcpy(request.consumer, "porthole");
  request.config.flags = flags;
  if (is_active_low) request.config.flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  if (attribute.id) {
    request.config.num_attrs = 1;
    request.config.attrs[0].mask = 1;
    request.config.attrs[0].attr = attribute;
  }
  int result = control(chip, GPIO_V2_GET_LINE_IOCTL, &request);
  close(chip);
  return result < 0 ? result : request.fd;
}

int clinux_gpio_output(const char *path, uint32_t line, int is_active_low, int value) {
  struct gpio_v2_line_attribute attribute = {.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .values = value ? 1 : 0};
  return take(path, line, GPIO_V2_LINE_FLAG_OUTPUT, is_active_low, attribute);
}

int clinux_gpio_button(const char *path, uint32_t line, int is_active_low, int bias, uint32_t debounce) {
  uint64_t flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING;
  if (bias > 0) flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
  if (bias < 0) flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
  struct gpio_v2_line_attribute attribute = {.id = debounce ? GPIO_V2_LINE_ATTR_ID_DEBOUNCE : 0, .debounce_period_us = debounce};
  int descriptor = take(path, line, flags, is_active_low, attribute);
  if (descriptor >= 0 && fcntl(descriptor, F_SETFL, O_NONBLOCK) < 0) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  return descriptor;
}

int clinux_gpio_presses(int descriptor) {
  struct gpio_v2_line_event events[16];
  ssize_t size = read(descriptor, events, sizeof events);
  if (size < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
  return (int)((size_t)size / sizeof events[0]);
}

int clinux_gpio_set(int descriptor, int value) {
  struct gpio_v2_line_values values = {.bits = value ? 1 : 0, .mask = 1};
  return control(descriptor, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}

int clinux_gpio_value(int descriptor) {
  struct gpio_v2_line_values values = {.bits = 0, .mask = 1};
  int result = control(descriptor, GPIO_V2_LINE_GET_VALUES_IOCTL, &values);
  return result < 0 ? result : (int)(values.bits & 1);
}
