/* SPDX-License-Identifier: Apache-2.0 */
/* What mbedTLS 2.28 and 3.6 name or order differently. */
#pragma once
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#define IS_MBEDTLS_3 (MBEDTLS_VERSION_NUMBER >= 0x03000000)

#if IS_MBEDTLS_3
#include <psa/crypto.h>
#endif

/* Attempts at a handshake repeat their random choices, so a signature must not take its nonce from them. */
#ifndef MBEDTLS_ECDSA_DETERMINISTIC
#error "mbedTLS must be built with MBEDTLS_ECDSA_DETERMINISTIC"
#endif

/* A generator that yields what follows from its seed, and nothing else. */
typedef struct {
  mbedtls_ctr_drbg_context generator;
  uint8_t seed[64];
  size_t used;
} seeded_random;

int seeded_random_begin(seeded_random *random, const uint8_t seed[64]);
void seeded_random_end(seeded_random *random);

/* Reads a private key, DER or PEM with its zero at the end. */
int parse_private_key(mbedtls_pk_context *key, const uint8_t *bytes, size_t length, seeded_random *random);

/* Signs a SHA-256 hash; `out` has MBEDTLS_PK_SIGNATURE_MAX_SIZE bytes. */
int sign_hash(mbedtls_pk_context *key, const uint8_t hash[32], uint8_t *out, size_t *length, seeded_random *random);

/*
 * One signature that must verify: shows that the keys are a pair, and fills the multiplication table that 2.28 keeps
 * inside the key, so that later signatures of several threads only read it.
 */
int prove_pair(mbedtls_pk_context *key, mbedtls_pk_context *public_key, seeded_random *random);

/* Wipes secrets in a way that is not optimised away. */
void wipe(void *bytes, size_t length);

struct cdtls_identity {
  mbedtls_pk_context key;
  mbedtls_x509_crt certificate;
};
