/* SPDX-License-Identifier: Apache-2.0 */
/* One UDP socket with the memory of its batches: the kernel's message headers live here, so that a
   datagram costs neither an allocation nor a system call of its own. */
#pragma once
#include "address.h"
#include <stddef.h>

enum { clinux_slot_size = 1500, clinux_slot_count = 64 };

typedef struct clinux_datagrams clinux_datagrams;

/* What happened since the socket was opened. */
typedef struct {
  uint64_t received;
  uint64_t truncated;
  uint64_t sent;
  uint64_t dropped;
  uint64_t segmented;
  uint64_t calls;
  uint64_t overflowed; /* what the kernel dropped for want of room, as of this question */
  int32_t last_error;
} clinux_datagram_counts;

/* Opens a socket for both families, or for IPv4 alone where the kernel has no IPv6. `port` 0 takes
   any free one; `traffic_class` below 0 leaves the system's. NULL: `error` holds the errno. */
clinux_datagrams *clinux_datagrams_open(uint16_t port, int buffer_bytes, int traffic_class,
                                        int *error);
/* Closes the socket; the memory stays until clinux_datagrams_free. */
void clinux_datagrams_close(clinux_datagrams *socket);
void clinux_datagrams_free(clinux_datagrams *socket);
int clinux_datagrams_descriptor(const clinux_datagrams *socket);
uint16_t clinux_datagrams_port(const clinux_datagrams *socket);
clinux_datagram_counts clinux_datagrams_counts(const clinux_datagrams *socket);
/* 0 sends every datagram as a message of its own. */
void clinux_datagrams_allow_segmentation(clinux_datagrams *socket, int allowed);

/* Takes a batch: answers how many, 0 when none is waiting. The bytes stay until the next call. */
int clinux_datagrams_receive(clinux_datagrams *socket);
/* Datagram `index` of the batch; NULL when it was longer than any of ours may be. */
const uint8_t *clinux_datagrams_received(const clinux_datagrams *socket, int index, size_t *length,
                                         clinux_address *source, clinux_address *local);

/* The free slot to write the next datagram into; NULL when all wait to be sent. */
uint8_t *clinux_datagrams_slot(clinux_datagrams *socket);
/* Puts the slot's first `length` bytes into the queue. */
void clinux_datagrams_queue(clinux_datagrams *socket, size_t length, const clinux_address *source,
                            const clinux_address *destination);
/* Sends what is queued; answers how many datagrams the kernel had no room for yet. What it refuses
   for good is dropped and counted. */
int clinux_datagrams_flush(clinux_datagrams *socket);
