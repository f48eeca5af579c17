/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* The settings of a camera: V4L2's controls. Failure is a negative errno. */

/* The kinds that a person can set; all others are passed over. */
enum {
  cv4l2_control_integer = 1,
  cv4l2_control_boolean,
  cv4l2_control_menu,
  cv4l2_control_number_menu, /* a menu whose entries are numbers */
  cv4l2_control_button,
};

struct cv4l2_control {
  uint32_t id;
  int kind;
  int is_wide; /* its value has 64 bits */
  int is_read_only, is_write_only, is_inactive;
  char name[32];
  int64_t minimum, maximum, standard;
  uint64_t step;
};

struct cv4l2_control_event {
  uint32_t id;
  int64_t value;
  int64_t minimum, maximum, standard;
  uint64_t step;
  int is_read_only, is_inactive;
};

/* The first control after `id` that a person can set (0: the first of all); -EINVAL past the last. */
int cv4l2_control_after(int device, uint32_t id, struct cv4l2_control *control);
/* Entry `index` of a menu: its text, of a menu of numbers its number in words. -EINVAL: not this one. */
int cv4l2_menu_entry(int device, const struct cv4l2_control *control, uint32_t index, char name[32]);
int cv4l2_get_control(int device, uint32_t id, int is_wide, int64_t *value);
/* Sets a control; what the driver took replaces `value`. */
int cv4l2_set_control(int device, uint32_t id, int is_wide, int64_t *value);
/* Asks to be told of every change of a control, our own ones too; poll's POLLPRI says that there is one. */
int cv4l2_follow_control(int device, uint32_t id);
/* The next change; -ENOENT when there is none. */
int cv4l2_next_control_event(int device, struct cv4l2_control_event *event);
