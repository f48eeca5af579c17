/* SPDX-License-Identifier: Apache-2.0 */
#include "conversion.h"
#include <endian.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

clinux_address clinux_from_in6(const struct in6_addr *address, uint32_t scope, uint16_t port) {
  clinux_address result = {.scope = scope, .port = port, .family = 6};
  uint64_t halves[2];
  memcpy(halves, address, sizeof halves);
  result.high = be64toh(halves[0]);
  result.low = be64toh(halves[1]);
  if (IN6_IS_ADDR_V4MAPPED(address)) {
    result.low &= UINT32_MAX;
    result.scope = 0;
    result.family = 4;
  }
  /* The scope names the link of a link-local address and means nothing elsewhere. */
  if (!IN6_IS_ADDR_LINKLOCAL(address)) result.scope = 0;
  return result;
}

clinux_address clinux_from_sockaddr(const struct sockaddr *address) {
  if (address->sa_family == AF_INET6) {
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof v6);
    return clinux_from_in6(&v6.sin6_addr, v6.sin6_scope_id, ntohs(v6.sin6_port));
  }
  struct sockaddr_in v4;
  memcpy(&v4, address, sizeof v4);
  return (clinux_address){
      .low = ntohl(v4.sin_addr.s_addr), .port = ntohs(v4.sin_port), .family = 4};
}

socklen_t clinux_to_sockaddr(const clinux_address *address, bool v6, struct sockaddr_storage *out) {
  if (!v6) {
    if (address->family != 4) return 0;
    struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    result.sin_addr.s_addr = htonl((uint32_t)address->low);
    memcpy(out, &result, sizeof result);
    return sizeof result;
  }
  struct sockaddr_in6 result = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
  uint64_t halves[2] = {htobe64(address->high), htobe64(address->low)};
  if (address->family == 4) {
    halves[0] = 0;
    halves[1] = htobe64(0xFFFF00000000u | (uint32_t)address->low);
  } else {
    result.sin6_scope_id = address->scope;
  }
  memcpy(&result.sin6_addr, halves, sizeof halves);
  memcpy(out, &result, sizeof result);
  return sizeof result;
}

int clinux_interfaces(clinux_interface *out, int capacity) {
  struct ifaddrs *list;
  if (getifaddrs(&list)) return -errno;
  int count = 0;
  for (struct ifaddrs *item = list; item; item = item->ifa_next) {
    if (!item->ifa_addr) continue;
    if (item->ifa_addr->sa_family != AF_INET && item->ifa_addr->sa_family != AF_INET6) continue;
    if (count < capacity) {
      clinux_interface *entry = &out[count];
      memset(entry, 0, sizeof *entry);
      strncpy(entry->name, item->ifa_name, sizeof entry->name - 1);
      entry->index = if_nametoindex(item->ifa_name);
      entry->flags = item->ifa_flags;
      entry->address = clinux_from_sockaddr(item->ifa_addr);
    }
    count += 1;
  }
  freeifaddrs(list);
  return count;
}
