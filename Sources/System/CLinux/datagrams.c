/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "datagrams.h"
#include "conversion.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
  receive_count = 32,
  receive_size = 2048,
  /* The kernel's limits of one segmented message. */
  segments_most = 64,
  segmented_bytes_most = 64000,
  control_size = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)),
};

struct slot {
  uint8_t bytes[clinux_slot_size];
};

struct way {
  clinux_address source;
  clinux_address destination;
};

struct control {
  _Alignas(struct cmsghdr) uint8_t bytes[control_size];
};

struct clinux_datagrams {
  int descriptor;
  bool v6;
  bool segmentation;
  clinux_datagram_counts counts;

  /* Sending: slots first..<queued wait. */
  int first;
  int queued;
  struct way ways[clinux_slot_count];
  struct iovec parts[clinux_slot_count];
  struct slot slots[clinux_slot_count];
  struct mmsghdr messages[clinux_slot_count];
  struct sockaddr_storage destinations[clinux_slot_count];
  struct control controls[clinux_slot_count];
  int segments[clinux_slot_count];

  /* Receiving. */
  struct mmsghdr arrivals[receive_count];
  struct iovec arrival_parts[receive_count];
  struct sockaddr_storage sources[receive_count];
  struct control arrival_controls[receive_count];
  uint8_t arrived[receive_count][receive_size];
};

static void set(int descriptor, int level, int option, int value) {
  /* Each of these is a wish: without it the socket still works. */
  (void)setsockopt(descriptor, level, option, &value, sizeof value);
}

static int open_family(bool v6, uint16_t port) {
  int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  int descriptor = socket(v6 ? AF_INET6 : AF_INET, type, 0);
  if (descriptor < 0) return -errno;
  int on = 1, off = 0;
  if (v6 && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off)) goto failed;
  if (v6 ? setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
         : setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on))
    goto failed;
  struct sockaddr_storage address;
  clinux_address any = {.port = port, .family = v6 ? 6 : 4};
  socklen_t length = clinux_to_sockaddr(&any, v6, &address);
  if (bind(descriptor, (struct sockaddr *)&address, length)) goto failed;
  return descriptor;
failed:;
  int error = errno;
  close(descriptor);
  return -error;
}

static void prepare_to_receive(clinux_datagrams *socket) {
  for (int i = 0; i < receive_count; i++) {
    socket->arrival_parts[i] = (struct iovec){socket->arrived[i], receive_size};
    socket->arrivals[i].msg_hdr = (struct msghdr){
        .msg_name = &socket->sources[i],
        .msg_iov = &socket->arrival_parts[i],
        .msg_iovlen = 1,
        .msg_control = socket->arrival_controls[i].bytes,
    };
  }
}

clinux_datagrams *clinux_datagrams_open(uint16_t port, int buffer_bytes, int traffic_class,
                                        int *error) {
  bool v6 = true;
  int descriptor = open_family(true, port);
  if (descriptor == -EAFNOSUPPORT || descriptor == -EADDRNOTAVAIL) {
    v6 = false;
    descriptor = open_family(false, port);
  }
  clinux_datagrams *result = descriptor < 0 ? NULL : calloc(1, sizeof *result);
  if (!result) {
    *error = descriptor < 0 ? -descriptor : ENOMEM;
    if (descriptor >= 0) close(descriptor);
    return NULL;
  }
  set(descriptor, SOL_SOCKET, SO_RCVBUF, buffer_bytes);
  set(descriptor, SOL_SOCKET, SO_SNDBUF, buffer_bytes);
  if (traffic_class >= 0) {
    set(descriptor, IPPROTO_IP, IP_TOS, traffic_class);
    if (v6) set(descriptor, IPPROTO_IPV6, IPV6_TCLASS, traffic_class);
  }
  result->descriptor = descriptor;
  result->v6 = v6;
  result->segmentation = true;
  prepare_to_receive(result);
  return result;
}

void clinux_datagrams_close(clinux_datagrams *socket) {
  if (socket->descriptor >= 0) close(socket->descriptor);
  socket->descriptor = -1;
}

void clinux_datagrams_free(clinux_datagrams *socket) {
  clinux_datagrams_close(socket);
  free(socket);
}

int clinux_datagrams_descriptor(const clinux_datagrams *socket) { return socket->descriptor; }

uint16_t clinux_datagrams_port(const clinux_datagrams *socket) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(socket->descriptor, (struct sockaddr *)&address, &length)) return 0;
  return clinux_from_sockaddr((struct sockaddr *)&address).port;
}

clinux_datagram_counts clinux_datagrams_counts(const clinux_datagrams *socket) {
  clinux_datagram_counts counts = socket->counts;
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof memory;
  if (!getsockopt(socket->descriptor, SOL_SOCKET, SO_MEMINFO, memory, &length))
    counts.overflowed = memory[SK_MEMINFO_DROPS];
  return counts;
}

void clinux_datagrams_allow_segmentation(clinux_datagrams *socket, int allowed) {
  socket->segmentation = allowed;
}

/* MARK: Receiving */

int clinux_datagrams_receive(clinux_datagrams *socket) {
  for (int i = 0; i < receive_count; i++) {
    socket->arrivals[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_storage);
    socket->arrivals[i].msg_hdr.msg_controllen = control_size;
  }
  /* An error of one earlier datagram (an ICMP message, say) says nothing about the next. */
  for (int attempts = 0; attempts < receive_count; attempts++) {
    int count = recvmmsg(socket->descriptor, socket->arrivals, receive_count, 0, NULL);
    socket->counts.calls += 1;
    if (count > 0) {
      socket->counts.received += (uint64_t)count;
      for (int i = 0; i < count; i++)
        if (socket->arrivals[i].msg_hdr.msg_flags & MSG_TRUNC) socket->counts.truncated += 1;
      return count;
    }
    if (count == 0 || errno == EAGAIN || errno == EBADF) return 0;
  }
  return 0;
}

static clinux_address arrived_at(struct msghdr *message) {
  clinux_address local = {.family = 4};
  for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item; item = CMSG_NXTHDR(message, item)) {
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      return clinux_from_in6(&info.ipi6_addr, info.ipi6_ifindex, 0);
    }
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      local.low = ntohl(info.ipi_spec_dst.s_addr);
    }
  }
  return local;
}

const uint8_t *clinux_datagrams_received(const clinux_datagrams *socket, int index, size_t *length,
                                         clinux_address *source, clinux_address *local) {
  struct mmsghdr arrival = socket->arrivals[index];
  if (arrival.msg_hdr.msg_flags & MSG_TRUNC) return NULL;
  *length = arrival.msg_len;
  *source = clinux_from_sockaddr((const struct sockaddr *)&socket->sources[index]);
  *local = arrived_at(&arrival.msg_hdr);
  return socket->arrived[index];
}

/* MARK: Sending */

uint8_t *clinux_datagrams_slot(clinux_datagrams *socket) {
  return socket->queued < clinux_slot_count ? socket->slots[socket->queued].bytes : NULL;
}

void clinux_datagrams_queue(clinux_datagrams *socket, size_t length, const clinux_address *source,
                            const clinux_address *destination) {
  int index = socket->queued;
  if (index >= clinux_slot_count || length > clinux_slot_size) return;
  socket->ways[index] = (struct way){*source, *destination};
  socket->parts[index] = (struct iovec){socket->slots[index].bytes, length};
  socket->queued = index + 1;
}

static void drop(clinux_datagrams *socket, int count, int error) {
  socket->counts.dropped += (uint64_t)count;
  socket->counts.last_error = error;
}

/* How many of the queued datagrams from `index` on can travel as one segmented message: same way,
   same size, the last one possibly shorter. */
static int run_of_segments(const clinux_datagrams *socket, int index) {
  if (!socket->segmentation || socket->parts[index].iov_len == 0) return 1;
  size_t size = socket->parts[index].iov_len, total = size;
  int count = 1;
  while (index + count < socket->queued && count < segments_most) {
    size_t next = socket->parts[index + count].iov_len;
    if (next > size || next == 0 || total + next > segmented_bytes_most) break;
    if (memcmp(&socket->ways[index], &socket->ways[index + count], sizeof(struct way))) break;
    total += next;
    count += 1;
    if (next < size) break;
  }
  return count;
}

static struct cmsghdr *append_control(struct msghdr *message, int level, int type,
                                      const void *data, size_t size) {
  struct cmsghdr *item =
      (struct cmsghdr *)((uint8_t *)message->msg_control + message->msg_controllen);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(item), data, size);
  message->msg_controllen += CMSG_SPACE(size);
  return item;
}

static void append_source(struct msghdr *message, const clinux_address *source) {
  if (source->high == 0 && source->low == 0) return;
  if (source->family == 4) {
    struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl((uint32_t)source->low)};
    append_control(message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    return;
  }
  struct sockaddr_storage address;
  clinux_to_sockaddr(source, true, &address);
  struct in6_pktinfo info = {.ipi6_addr = ((struct sockaddr_in6 *)&address)->sin6_addr,
                             .ipi6_ifindex = source->scope};
  append_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

/* Fills message `number` with the datagrams from `index` on; answers how many those are, or a
   negative number of datagrams that this socket cannot address. */
static int compose(clinux_datagrams *socket, int number, int index) {
  int count = run_of_segments(socket, index);
  struct way *way = &socket->ways[index];
  struct sockaddr_storage *destination = &socket->destinations[number];
  socklen_t length = clinux_to_sockaddr(&way->destination, socket->v6, destination);
  if (length == 0) return -count;
  struct msghdr *message = &socket->messages[number].msg_hdr;
  *message = (struct msghdr){
      .msg_name = destination,
      .msg_namelen = length,
      .msg_iov = &socket->parts[index],
      .msg_iovlen = (size_t)count,
      .msg_control = socket->controls[number].bytes,
  };
  memset(message->msg_control, 0, control_size);
  append_source(message, &way->source);
  if (count > 1) {
    uint16_t size = (uint16_t)socket->parts[index].iov_len;
    append_control(message, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
  }
  if (message->msg_controllen == 0) message->msg_control = NULL;
  socket->segments[number] = count;
  return count;
}

static int flush(clinux_datagrams *socket, bool *cannot_segment) {
  while (socket->first < socket->queued) {
    int messages = 0;
    for (int index = socket->first; index < socket->queued; messages++) {
      int count = compose(socket, messages, index);
      if (count < 0) {
        /* Only at the front can it be dropped; what is before it goes first. */
        if (messages > 0) break;
        drop(socket, -count, EAFNOSUPPORT);
        socket->first = index -= count;
        messages = -1;
        continue;
      }
      index += count;
    }
    if (messages <= 0) break;
    int sent = sendmmsg(socket->descriptor, socket->messages, (unsigned)messages, MSG_NOSIGNAL);
    socket->counts.calls += 1;
    if (sent < 0) {
      int error = errno;
      if (error == EINTR) continue;
      if (error == EAGAIN) return socket->queued - socket->first;
      int count = socket->segments[0];
      if (count > 1 && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
        /* EIO says that this way out cannot segment at all; the others may come from the route. */
        *cannot_segment |= error == EIO;
        socket->segmentation = false;
        continue;
      }
      drop(socket, count, error);
      socket->first += count;
      continue;
    }
    for (int i = 0; i < sent; i++) {
      if (socket->segments[i] > 1) socket->counts.segmented += (uint64_t)socket->segments[i];
      socket->counts.sent += (uint64_t)socket->segments[i];
      socket->first += socket->segments[i];
    }
  }
  socket->first = socket->queued = 0;
  return 0;
}

int clinux_datagrams_flush(clinux_datagrams *socket) {
  bool allowed = socket->segmentation, cannot_segment = false;
  int waiting = flush(socket, &cannot_segment);
  socket->segmentation = allowed && !cannot_segment;
  return waiting;
}
