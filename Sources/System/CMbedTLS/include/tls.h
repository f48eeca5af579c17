/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS over a stream by mbedTLS (1.2 with 2.28, 1.2 and 1.3 with 3.6), without sockets, clocks or callbacks: bytes are
 * pushed and pulled, and the date by which certificates are judged is handed in.
 *
 * Credentials and authorities never change once made, so sessions on several threads may share them. A session
 * belongs to one thread at a time.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of fresh randomness that a key, credentials or a session is made from. */
#define CTLS_SEED_LENGTH 64

typedef struct ctls_credentials ctls_credentials;
typedef struct ctls_authorities ctls_authorities;
typedef struct ctls_session ctls_session;

/* ---- keys: ECDSA on P-256, as DER ---- */

/* Each answers how many bytes it wrote to `out`; 0 when they do not fit or mbedTLS refuses. */
size_t ctls_key_make(const uint8_t seed[CTLS_SEED_LENGTH], uint8_t *out, size_t capacity);
/* The public key of `key` as SubjectPublicKeyInfo (RFC 5280 section 4.1). */
size_t ctls_key_public(const uint8_t *key, size_t length, const uint8_t seed[CTLS_SEED_LENGTH], uint8_t *out,
                       size_t capacity);
/* ecdsa-with-SHA256 of `message`. */
size_t ctls_key_sign(const uint8_t *key, size_t length, const uint8_t *message, size_t message_length,
                     const uint8_t seed[CTLS_SEED_LENGTH], uint8_t *out, size_t capacity);

/* ---- what identifies a server, and whom a client believes ---- */

/* Why credentials are refused. */
#define CTLS_NO_MEMORY (-1)
#define CTLS_BAD_CERTIFICATE (-2)
#define CTLS_BAD_KEY (-3)
#define CTLS_ENCRYPTED_KEY (-4)
#define CTLS_NO_PAIR (-5)

/* A chain, the server's own certificate first, and its key; each PEM or DER. NULL, and `status` says why. */
ctls_credentials *ctls_credentials_load(const uint8_t *certificate, size_t certificate_length, const uint8_t *key,
                                        size_t key_length, const uint8_t seed[CTLS_SEED_LENGTH], int *status);
void ctls_credentials_free(ctls_credentials *credentials);

/* The certificates in `bytes`, PEM (others among them are passed over) or one DER; NULL when there is none. */
ctls_authorities *ctls_authorities_load(const uint8_t *bytes, size_t length);
void ctls_authorities_free(ctls_authorities *authorities);

/* ---- sessions ---- */

/* What a step or a read answers; every other number below zero is mbedTLS's error. */
#define CTLS_WAITING 0
#define CTLS_CONNECTED 1
#define CTLS_CLOSED (-1)
#define CTLS_ALERT (-2)
#define CTLS_UNTRUSTED (-3)
#define CTLS_NOTHING_IN_COMMON (-4)

/* Why a server's certificate is not believed: bits of `ctls_session_faults`. */
#define CTLS_EXPIRED 1u
#define CTLS_NOT_YET_VALID 2u
#define CTLS_OTHER_NAME 4u
#define CTLS_UNKNOWN_AUTHORITY 8u
#define CTLS_OTHER_FAULT 16u
#define CTLS_NOT_PERMITTED 32u

/* The credentials must outlive the session. NULL without memory or on mbedTLS's refusal. */
ctls_session *ctls_server_create(const ctls_credentials *credentials, const uint8_t seed[CTLS_SEED_LENGTH]);
/*
 * `name` is a DNS name, or empty, and then `address` has 4 or 16 bytes; `date` is year, month, day, hour, minute
 * and second. The authorities must outlive the handshake.
 */
ctls_session *ctls_client_create(const ctls_authorities *authorities, const uint8_t seed[CTLS_SEED_LENGTH],
                                 const char *name, const uint8_t *address, size_t address_length,
                                 const int date[6]);
void ctls_session_destroy(ctls_session *session);
/* Keeps what the peer has sent until it is read; false without memory. */
bool ctls_session_receive(ctls_session *session, const uint8_t *bytes, size_t length);
/* How many bytes of the peer are kept. */
size_t ctls_session_kept(const ctls_session *session);
/* Goes on with the handshake. */
int ctls_session_step(ctls_session *session);
/* Once connected: copies out what has been decrypted; its length, CTLS_WAITING, or a number below zero. */
int ctls_session_read(ctls_session *session, uint8_t *out, size_t capacity);
/* Once connected: makes records of `length` bytes, all of them; false when that fails. */
bool ctls_session_write(ctls_session *session, const uint8_t *bytes, size_t length);
/* Queues close_notify, once. */
void ctls_session_close(ctls_session *session);
/* Copies out what is to be sent, as much as fits; its length. */
size_t ctls_session_take(ctls_session *session, uint8_t *out, size_t capacity);
/* How many bytes wait to be sent. */
size_t ctls_session_waiting(const ctls_session *session);
/* The description of the alert that ended the session (RFC 8446 section 6). */
uint8_t ctls_session_alert(const ctls_session *session);
uint32_t ctls_session_faults(const ctls_session *session);
/* mbedTLS's names, such as TLSv1.2 and TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256. */
const char *ctls_session_version(const ctls_session *session);
const char *ctls_session_cipher(const ctls_session *session);
