/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Lines of the kernel's GPIO character devices, by the second version of their interface (Linux 5.10).
   Failure is a negative errno. */

/* Takes line `line` of the chip at `path` as an output with `value`; answers its descriptor. */
int clinux_gpio_output(const char *path, uint32_t line, int is_active_low, int value);
/* Takes a line as an input whose becoming active is told, with a pull-up (above 0), a pull-down (below 0) or the bias it
   has; `debounce` is in microseconds. Answers its descriptor, which becomes readable. */
int clinux_gpio_button(const char *path, uint32_t line, int is_active_low, int bias, uint32_t debounce);
/* How often it became active since that was asked, some 16 at most; does not wait. */
int clinux_gpio_presses(int descriptor);
int clinux_gpio_set(int descriptor, int value);
/* 0 or 1. */
int clinux_gpio_value(int descriptor);
