/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "controls.h"

/*
 * A thin shim over V4L2's ioctls (macros that Swift cannot see) and over the few calls on
 * descriptors that a capture thread needs. Functions answer a negative errno when they fail.
 */

struct cv4l2_identity {
  char name[32];
  char driver[16];
  char bus[32];
  int kind; /* how it takes pictures by streaming: one of the kinds below; 0 when it does not */
};

/* V4L2's two ways of taking pictures: the values of enum v4l2_buf_type. */
enum { cv4l2_single_planar = 1, cv4l2_multiplanar = 9 };

enum { cv4l2_most_planes = 3 };

struct cv4l2_pixel_format {
  uint32_t fourcc;
  int is_compressed;
  char name[32];
};

/* A size, or a range of sizes where the steps are not zero. */
struct cv4l2_sizes {
  uint32_t minimum_width, maximum_width, width_step;
  uint32_t minimum_height, maximum_height, height_step;
};

/* An interval between frames in seconds, or a range where is_range is set. */
struct cv4l2_intervals {
  uint32_t numerator, denominator; /* the shortest */
  int is_range;
};

struct cv4l2_picture_format {
  uint32_t width, height, fourcc;
  uint32_t memory_count; /* memories that a picture lies in; the next are of each */
  uint32_t strides[cv4l2_most_planes], byte_counts[cv4l2_most_planes];
  int is_full_range;
  int color_matrix; /* ITU-T H.264 table E-5; 2 is unspecified */
};

struct cv4l2_dequeued {
  int index;
  uint32_t byte_counts[cv4l2_most_planes];   /* of each memory, from its start */
  uint32_t starts[cv4l2_most_planes];        /* where in each memory the samples begin */
  uint32_t sequence;
  int64_t captured; /* CLOCK_MONOTONIC nanoseconds; 0 when the driver uses another clock */
  int is_damaged;
};

/* One buffer: its memories one after another in the address space, each on a page of its own. */
struct cv4l2_mapped {
  void *start;
  size_t byte_count;
  size_t offsets[cv4l2_most_planes], byte_counts[cv4l2_most_planes];
};

enum { cv4l2_ready = 1, cv4l2_woken = 2, cv4l2_broken = 4 };

/* The numbers of /dev/video*, ascending; how many were written. */
int cv4l2_list(int *numbers, int capacity);

int cv4l2_open(const char *path);
int cv4l2_identify(int device, struct cv4l2_identity *identity);
/* 1: the selected input has a signal (or cannot tell), 0: it has none. */
int cv4l2_has_signal(int device);

/* Enumerations: 0, or -EINVAL past the last one. */
int cv4l2_pixel_format_at(int device, int kind, int index, struct cv4l2_pixel_format *format);
int cv4l2_sizes_at(int device, uint32_t fourcc, int index, struct cv4l2_sizes *sizes);
int cv4l2_intervals_at(int device, uint32_t fourcc, uint32_t width, uint32_t height, int index,
                       struct cv4l2_intervals *intervals);

int cv4l2_set_format(int device, int kind, struct cv4l2_picture_format *format);
/* Asks for an interval; the one that the driver took replaces it. 0 in both: it cannot tell. */
int cv4l2_set_interval(int device, int kind, uint32_t *numerator, uint32_t *denominator);

int cv4l2_request_buffers(int device, int kind, int count);
int cv4l2_map(int device, int kind, int index, struct cv4l2_mapped *mapped);
void cv4l2_unmap(void *start, size_t byte_count);
int cv4l2_queue(int device, int kind, int index);
/* -EAGAIN when no picture is ready. */
int cv4l2_dequeue(int device, int kind, struct cv4l2_dequeued *picture);
int cv4l2_start(int device, int kind);
int cv4l2_stop(int device, int kind);

/* Waits until `descriptor` (or -1) can be read, `wake` was signalled or `nanoseconds` have passed
 * (negative: for ever); a set of the flags above, 0 when the time is over. */
int cv4l2_wait(int descriptor, int wake, int64_t nanoseconds);

int cv4l2_wake_open(void);
void cv4l2_wake_signal(int wake);

/* Opens a file, or a FIFO without waiting for its writer. */
int cv4l2_file_open(const char *path);
/* 1: a regular file, 2: a FIFO, 0: something else. */
int cv4l2_file_kind(int file);
/* Lets a pipe hold a megabyte, so that a picture takes few reads. */
void cv4l2_file_widen(int file);
int64_t cv4l2_file_read(int file, void *bytes, size_t count);
int cv4l2_file_rewind(int file, int64_t offset);
void cv4l2_close(int descriptor);

int64_t cv4l2_wall_clock(void);

/* What an errno means, in words. */
const char *cv4l2_reason(int code);
