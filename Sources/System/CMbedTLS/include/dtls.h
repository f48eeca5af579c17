/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS 1.2 with DTLS-SRTP (RFC 5764) by mbedTLS, without sockets, clocks or callbacks: datagrams are pushed
 * and pulled, time is handed in as milliseconds.
 *
 * An identity never changes once made, so sessions on several threads may share it. A session belongs to one
 * thread at a time.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of fresh randomness that an identity or an attempt at a handshake is made from. */
#define CDTLS_SEED_LENGTH 64

typedef struct cdtls_identity cdtls_identity;
typedef struct cdtls_session cdtls_session;

/* A new P-256 key and a certificate that it signs. NULL without memory or on mbedTLS's refusal. */
cdtls_identity *cdtls_identity_make(const uint8_t seed[CDTLS_SEED_LENGTH], const uint8_t serial[16]);
/* The identity of a certificate and its private key, both DER; NULL when they are not a pair of P-256. */
cdtls_identity *cdtls_identity_load(const uint8_t *certificate, size_t certificate_length,
                                    const uint8_t *key, size_t key_length,
                                    const uint8_t seed[CDTLS_SEED_LENGTH]);
void cdtls_identity_free(cdtls_identity *identity);
/* Copy out the DER form; answer its length, or 0 when it does not fit. */
size_t cdtls_identity_certificate(const cdtls_identity *identity, uint8_t *out, size_t capacity);
size_t cdtls_identity_private_key(const cdtls_identity *identity, uint8_t *out, size_t capacity);

/* What a step or a read answers below zero; every other negative number is mbedTLS's error. */
#define CDTLS_WAITING 0
#define CDTLS_CONNECTED 1
#define CDTLS_CLOSED (-1)
#define CDTLS_CERTIFICATE_MISSING (-2)
#define CDTLS_FINGERPRINT_MISMATCH (-3)
#define CDTLS_PROFILE_MISSING (-4)

/* The identity must outlive the session. Timeouts are milliseconds between retransmissions. */
cdtls_session *cdtls_session_create(const cdtls_identity *identity, bool is_server, uint16_t mtu,
                                    uint32_t minimum_timeout, uint32_t maximum_timeout);
void cdtls_session_destroy(cdtls_session *session);
/* Adds a digest (32, 48 or 64 bytes of SHA-2) that the peer's certificate may have; false when full. */
bool cdtls_session_expect(cdtls_session *session, const uint8_t *digest, size_t length);
/* A fresh mbedTLS context whose every random choice follows from `seed`. 0 or mbedTLS's error. */
int cdtls_session_begin(cdtls_session *session, const uint8_t seed[CDTLS_SEED_LENGTH]);
/* Goes on with the handshake, with one datagram or with none. */
int cdtls_session_step(cdtls_session *session, int64_t now, const uint8_t *datagram, size_t length);
/* The 60 bytes that RFC 5764 section 4.2 exports: client key, server key, client salt, server salt. */
bool cdtls_session_take_keys(cdtls_session *session, uint8_t out[60]);
/*
 * Once connected: application data of one datagram, or of what is left of the last one. Answers the length,
 * 0 when there is no more, or a number below zero.
 */
int cdtls_session_read(cdtls_session *session, int64_t now, const uint8_t *datagram, size_t length,
                       uint8_t *out, size_t capacity);
/* Once connected: sends application data as one record. Answers the length, or a number below zero. */
int cdtls_session_write(cdtls_session *session, const uint8_t *data, size_t length);
/*
 * Once connected: makes one record of the `length` bytes at `bytes`, in their place, instead of queueing it. Answers its
 * length, or 0 when it does not fit into `capacity` or is not made.
 */
size_t cdtls_session_seal(cdtls_session *session, uint8_t *bytes, size_t length, size_t capacity);
void cdtls_session_close(cdtls_session *session);
/* Queues the first datagram of this attempt once more. */
void cdtls_session_repeat_hello(cdtls_session *session);
/* The next datagram to send; 0 when there is none. One that does not fit is dropped: `capacity` >= mtu. */
size_t cdtls_session_take(cdtls_session *session, uint8_t *out, size_t capacity);
/* When to step without a datagram; -1 for never. */
int64_t cdtls_session_deadline(const cdtls_session *session);
/* Whether the last attempt has sent anything under keys, even if it is broken by now. */
bool cdtls_session_has_encrypted(const cdtls_session *session);
/* mbedTLS's name of the cipher suite in use, such as TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256; NULL without one. */
const char *cdtls_session_cipher(const cdtls_session *session);
/* Copies out the peer's certificate, DER; answers its length, or 0 when there is none or it does not fit. */
size_t cdtls_session_peer_certificate(const cdtls_session *session, uint8_t *out, size_t capacity);
