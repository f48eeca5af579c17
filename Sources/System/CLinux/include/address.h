/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* An address and a port in host order. `family` is 4 (the address is the low half of `low`) or 6. */
typedef struct {
  uint64_t high;
  uint64_t low;
  uint32_t scope;
  uint16_t port;
  uint16_t family;
} clinux_address;

/* An address of an interface. `flags` are the IFF_ bits of netdevice(7). */
typedef struct {
  char name[16];
  uint32_t index;
  uint32_t flags;
  clinux_address address;
} clinux_interface;

enum { clinux_interface_up = 0x1, clinux_interface_loopback = 0x8, clinux_interface_running = 0x40 };

/* Writes up to `capacity` addresses of the machine's interfaces; answers how many there are. */
int clinux_interfaces(clinux_interface *out, int capacity);
