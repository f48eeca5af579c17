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

int clinux_gpio_output(const char *path, uint32_t line, int is_active_low, int value) {
  int chip = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (chip < 0) return -errno;
  struct gpio_v2_line_request request;
  memset(&request, 0, sizeof request);
  request.offsets[0] = line;
  request.num_lines = 1;
  strcpy(request.consumer, "porthole");
  request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
  if (is_active_low) request.config.flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  request.config.num_attrs = 1;
  request.config.attrs[0].mask = 1;
  request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
  request.config.attrs[0].attr.values = value ? 1 : 0;
  int result = control(chip, GPIO_V2_GET_LINE_IOCTL, &request);
  close(chip);
  return result < 0 ? result : request.fd;
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
