/* SPDX-License-Identifier: Apache-2.0 */
/* The few calls of libsrtp2 that SRTP (RFC 3711) with AES128_CM_HMAC_SHA1_80 needs. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* One direction of a connection: any number of SSRCs under one master key and salt. */
typedef struct csrtp_context csrtp_context;

/* `key` is the master key (16 bytes) and the master salt (14 bytes). NULL without memory. */
csrtp_context *csrtp_sender_create(const uint8_t key[30]);
csrtp_context *csrtp_receiver_create(const uint8_t key[30], int window);
void csrtp_destroy(csrtp_context *context);

/*
 * Each works in place on `packet` of `length` bytes and answers the new length, or -1 when the packet is
 * refused. Protecting writes up to 10 (RTP) or 14 (RTCP) bytes behind the packet.
 */
int csrtp_protect(csrtp_context *context, uint8_t *packet, int length);
int csrtp_protect_control(csrtp_context *context, uint8_t *packet, int length);
int csrtp_unprotect(csrtp_context *context, uint8_t *packet, int length);
int csrtp_unprotect_control(csrtp_context *context, uint8_t *packet, int length);

/* -1 refused; -2 refused as a repeat or as older than the window. */
#define CSRTP_REFUSED (-1)
#define CSRTP_REPLAYED (-2)
