/* SPDX-License-Identifier: Apache-2.0 */
/* Between our addresses and the socket API's; shared by the files of this target. */
#pragma once
#include "address.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/* IPv4-mapped IPv6 addresses become family 4. */
clinux_address clinux_from_sockaddr(const struct sockaddr *address);
clinux_address clinux_from_in6(const struct in6_addr *address, uint32_t scope, uint16_t port);

/* With `v6`, an IPv4 address becomes a mapped one. Answers the length, or 0: not expressible. */
socklen_t clinux_to_sockaddr(const clinux_address *address, bool v6, struct sockaddr_storage *out);
