/* SPDX-License-Identifier: Apache-2.0 */
#include "controls.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int control(int device, unsigned long request, void *argument) {
  int result;
  do
    result = ioctl(device, request, argument);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

static int kind_of(uint32_t type) {
  switch (type) {
  case V4L2_CTRL_TYPE_INTEGER:
  case V4L2_CTRL_TYPE_INTEGER64: return cv4l2_control_integer;
  case V4L2_CTRL_TYPE_BOOLEAN: return cv4l2_control_boolean;
  case V4L2_CTRL_TYPE_MENU: return cv4l2_control_menu;
  case V4L2_CTRL_TYPE_INTEGER_MENU: return cv4l2_control_number_menu;
  case V4L2_CTRL_TYPE_BUTTON: return cv4l2_control_button;
  default: return 0;
  }
}

static int is_read_only(uint32_t flags) { return (flags & V4L2_CTRL_FLAG_READ_ONLY) != 0; }

/* Set by another control just now, or held by whoever streams. */
static int is_inactive(uint32_t flags) {
  return (flags & (V4L2_CTRL_FLAG_INACTIVE | V4L2_CTRL_FLAG_GRABBED)) != 0;
}

int cv4l2_control_after(int device, uint32_t id, struct cv4l2_control *found) {
  for (;;) {
    struct v4l2_query_ext_ctrl query;
    memset(&query, 0, sizeof query);
    query.id = id | V4L2_CTRL_FLAG_NEXT_CTRL;
    int result = control(device, VIDIOC_QUERY_EXT_CTRL, &query);
    if (result < 0) return result;
    if (query.id <= id) return -EINVAL; /* a driver that goes round in circles */
    id = query.id;
    int kind = kind_of(query.type);
    if (!kind || query.flags & V4L2_CTRL_FLAG_DISABLED || query.nr_of_dims) continue;
    memset(found, 0, sizeof *found);
    found->id = query.id;
    found->kind = kind;
    found->is_wide = query.type == V4L2_CTRL_TYPE_INTEGER64;
    found->is_read_only = is_read_only(query.flags);
    found->is_write_only = (query.flags & V4L2_CTRL_FLAG_WRITE_ONLY) != 0;
    found->is_inactive = is_inactive(query.flags);
    memcpy(found->name, query.name, sizeof found->name - 1);
    found->minimum = query.minimum;
    found->maximum = query.maximum;
    found->standard = query.default_value;
    found->step = query.step;
    return 0;
  }
}

int cv4l2_menu_entry(int device, const struct cv4l2_control *menu, uint32_t index, char name[32]) {
  struct v4l2_querymenu entry;
  memset(&entry, 0, sizeof entry);
  entry.id = menu->id;
  entry.index = index;
  int result = control(device, VIDIOC_QUERYMENU, &entry);
  if (result < 0) return result;
  if (menu->kind == cv4l2_control_number_menu)
    snprintf(name, 32, "%lld", (long long)entry.value);
  else
    snprintf(name, 32, "%.31s", (const char *)entry.name);
  return 0;
}

static int exchange(int device, unsigned long request, uint32_t id, int is_wide, int64_t *value) {
  struct v4l2_ext_control one;
  struct v4l2_ext_controls list;
  memset(&one, 0, sizeof one);
  memset(&list, 0, sizeof list);
  one.id = id;
  if (is_wide)
    one.value64 = *value;
  else
    one.value = (int32_t)*value;
  list.which = V4L2_CTRL_WHICH_CUR_VAL;
  list.count = 1;
  list.controls = &one;
  int result = control(device, request, &list);
  if (result < 0) return result;
  *value = is_wide ? one.value64 : one.value;
  return 0;
}

int cv4l2_get_control(int device, uint32_t id, int is_wide, int64_t *value) {
  *value = 0;
  return exchange(device, VIDIOC_G_EXT_CTRLS, id, is_wide, value);
}

int cv4l2_set_control(int device, uint32_t id, int is_wide, int64_t *value) {
  return exchange(device, VIDIOC_S_EXT_CTRLS, id, is_wide, value);
}

int cv4l2_follow_control(int device, uint32_t id) {
  struct v4l2_event_subscription wish;
  memset(&wish, 0, sizeof wish);
  wish.type = V4L2_EVENT_CTRL;
  wish.id = id;
  wish.flags = V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK;
  return control(device, VIDIOC_SUBSCRIBE_EVENT, &wish);
}

int cv4l2_next_control_event(int device, struct cv4l2_control_event *found) {
  for (;;) {
    struct v4l2_event event;
    memset(&event, 0, sizeof event);
    int result = control(device, VIDIOC_DQEVENT, &event);
    if (result < 0) return result;
    if (event.type != V4L2_EVENT_CTRL) continue;
    const struct v4l2_event_ctrl *change = &event.u.ctrl;
    memset(found, 0, sizeof *found);
    found->id = event.id;
    found->value =
        change->type == V4L2_CTRL_TYPE_INTEGER64 ? change->value64 : (int64_t)change->value;
    found->minimum = change->minimum;
    found->maximum = change->maximum;
    found->standard = change->default_value;
    found->step = (uint64_t)(uint32_t)change->step;
    found->is_read_only = is_read_only(change->flags);
    found->is_inactive = is_inactive(change->flags);
    return 0;
  }
}
