/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Lines of the kernel's GPIO character devices, by the second version of their interface (Linux 5.10).
   Failure is a negative errno. */

/* Takes line `line` of the chip at `path` as an output with `value`; answers its descriptor. */
int clinux_gpio_output(const char *path, uint32_t line, int is_active_low, int value);
int clinux_gpio_set(int descriptor, int value);
/* 0 or 1. */
int clinux_gpio_value(int descriptor);
