/* SPDX-License-Identifier: Apache-2.0 */
#include "compatibility.h"
#include "include/tls.h"
#include "credentials.h"

#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pem.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */

/* mbedTLS writes DER at the end of the buffer. */
static size_t to_front(uint8_t *out, size_t capacity, int length) {
  if (length <= 0) return 0;
  memmove(out, out + capacity - length, length);
  return (size_t)length;
}

size_t ctls_key_make(const uint8_t seed[CTLS_SEED_LENGTH], uint8_t *out, size_t capacity) {
#if IS_MBEDTLS_3
  if (psa_crypto_init() != PSA_SUCCESS) return 0;
#endif
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  seeded_random random;
  int status = seeded_random_begin(&random, seed);
  if (status == 0) status = mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (status == 0)
    status = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), mbedtls_ctr_drbg_random,
                                 &random.generator);
  if (status == 0) status = mbedtls_pk_write_key_der(&key, out, capacity);
  seeded_random_end(&random);
  mbedtls_pk_free(&key);
  return to_front(out, capacity, status);
}

/* Reads `key` for one use. */
static int open_key(mbedtls_pk_context *opened, const uint8_t *key, size_t length, seeded_random *random,
                    const uint8_t seed[CTLS_SEED_LENGTH]) {
#if IS_MBEDTLS_3
  if (psa_crypto_init() != PSA_SUCCESS) return MBEDTLS_ERR_PK_ALLOC_FAILED;
#endif
  mbedtls_pk_init(opened);
  const int status = seeded_random_begin(random, seed);
  return status == 0 ? parse_private_key(opened, key, length, random) : status;
}

static void close_key(mbedtls_pk_context *key, seeded_random *random) {
  mbedtls_pk_free(key);
  seeded_random_end(random);
}

size_t ctls_key_public(const uint8_t *key, size_t length, const uint8_t seed[CTLS_SEED_LENGTH], uint8_t *out,
                       size_t capacity) {
  mbedtls_pk_context opened;
  seeded_random random;
  int status = open_key(&opened, key, length, &random, seed);
  if (status == 0) status = mbedtls_pk_write_pubkey_der(&opened, out, capacity);
  close_key(&opened, &random);
  return to_front(out, capacity, status);
}

size_t ctls_key_sign(const uint8_t *key, size_t length, const uint8_t *message, size_t message_length,
                     const uint8_t seed[CTLS_SEED_LENGTH], uint8_t *out, size_t capacity) {
  mbedtls_pk_context opened;
  seeded_random random;
  uint8_t hash[32];
  size_t written = 0;
  int status = open_key(&opened, key, length, &random, seed);
  if (status == 0)
    status = mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), message, message_length, hash);
  if (status == 0 && capacity < MBEDTLS_PK_SIGNATURE_MAX_SIZE) status = MBEDTLS_ERR_PK_BAD_INPUT_DATA;
  if (status == 0) status = sign_hash(&opened, hash, out, &written, &random);
  close_key(&opened, &random);
  return status == 0 ? written : 0;
}

/* ---- credentials ---- */

/* Whether `bytes` are PEM; `copy` is then a copy with the zero at the end that mbedTLS wants, to be freed. */
static bool is_pem(const uint8_t *bytes, size_t length, uint8_t **copy) {
  static const char mark[] = "-----BEGIN ";
  *copy = NULL;
  for (size_t at = 0; at + sizeof mark - 1 <= length; at++) {
    if (memcmp(bytes + at, mark, sizeof mark - 1) != 0) continue;
    *copy = malloc(length + 1);
    if (*copy != NULL) {
      memcpy(*copy, bytes, length);
      (*copy)[length] = 0;
    }
    return true;
  }
  return false;
}

static int add_certificate(mbedtls_x509_crt *to, const uint8_t *der, size_t length) {
  return mbedtls_x509_crt_parse_der_with_ext_cb(to, der, length, 1, accept_constraints, NULL);
}

/* Adds every certificate of a text in PEM; answers how many could not be read. */
static int add_text(mbedtls_x509_crt *to, const char *text) {
  static const char header[] = "-----BEGIN CERTIFICATE-----", footer[] = "-----END CERTIFICATE-----";
  int unreadable = 0;
  for (const char *next = text; (next = strstr(next, header)) != NULL;) {
    mbedtls_pem_context pem;
    mbedtls_pem_init(&pem);
    size_t used = 0;
    int status = mbedtls_pem_read_buffer(&pem, header, footer, (const unsigned char *)next, NULL, 0, &used);
#if IS_MBEDTLS_3
    size_t length = 0;
    const unsigned char *der = mbedtls_pem_get_buffer(&pem, &length);
#else
    const size_t length = pem.buflen;
    const unsigned char *der = pem.buf;
#endif
    if (status == 0) status = add_certificate(to, der, length);
    if (status != 0) unreadable++;
    mbedtls_pem_free(&pem);
    next += used > 0 ? used : sizeof header - 1;
  }
  return unreadable;
}

/* Reads certificates, PEM or one DER; answers how many could not be read, or a number below zero. */
static int load_certificates(mbedtls_x509_crt *chain, const uint8_t *bytes, size_t length) {
  uint8_t *copy;
  if (!is_pem(bytes, length, &copy)) return add_certificate(chain, bytes, length);
  if (copy == NULL) return MBEDTLS_ERR_X509_ALLOC_FAILED;
  const int unreadable = add_text(chain, (const char *)copy);
  free(copy);
  return unreadable;
}

static int load_key(mbedtls_pk_context *key, const uint8_t *bytes, size_t length, seeded_random *random) {
  uint8_t *copy;
  if (!is_pem(bytes, length, &copy)) return parse_private_key(key, bytes, length, random);
  if (copy == NULL) return MBEDTLS_ERR_PK_ALLOC_FAILED;
  const int status = parse_private_key(key, copy, length + 1, random);
  wipe(copy, length);
  free(copy);
  return status;
}

static int load(ctls_credentials *credentials, const uint8_t *certificate, size_t certificate_length,
                const uint8_t *key, size_t key_length, seeded_random *random) {
  if (load_certificates(&credentials->chain, certificate, certificate_length) != 0 ||
      credentials->chain.raw.len == 0)
    return CTLS_BAD_CERTIFICATE;
  switch (load_key(&credentials->key, key, key_length, random)) {
    case 0: break;
    case MBEDTLS_ERR_PK_PASSWORD_REQUIRED:
    case MBEDTLS_ERR_PEM_PASSWORD_REQUIRED: return CTLS_ENCRYPTED_KEY;
    default: return CTLS_BAD_KEY;
  }
  return prove_pair(&credentials->key, &credentials->chain.pk, random) == 0 ? 0 : CTLS_NO_PAIR;
}

ctls_credentials *ctls_credentials_load(const uint8_t *certificate, size_t certificate_length, const uint8_t *key,
                                        size_t key_length, const uint8_t seed[CTLS_SEED_LENGTH], int *status) {
  *status = CTLS_NO_MEMORY;
#if IS_MBEDTLS_3
  if (psa_crypto_init() != PSA_SUCCESS) return NULL;
#endif
  ctls_credentials *credentials = calloc(1, sizeof *credentials);
  if (credentials == NULL) return NULL;
  mbedtls_pk_init(&credentials->key);
  mbedtls_x509_crt_init(&credentials->chain);
  seeded_random random;
  if (seeded_random_begin(&random, seed) == 0)
    *status = load(credentials, certificate, certificate_length, key, key_length, &random);
  seeded_random_end(&random);
  if (*status == 0) return credentials;
  ctls_credentials_free(credentials);
  return NULL;
}

void ctls_credentials_free(ctls_credentials *credentials) {
  if (credentials == NULL) return;
  mbedtls_pk_free(&credentials->key);
  mbedtls_x509_crt_free(&credentials->chain);
  free(credentials);
}

/* ---- authorities ---- */

ctls_authorities *ctls_authorities_load(const uint8_t *bytes, size_t length) {
#if IS_MBEDTLS_3
  if (psa_crypto_init() != PSA_SUCCESS) return NULL;
#endif
  ctls_authorities *authorities = calloc(1, sizeof *authorities);
  if (authorities == NULL) return NULL;
  mbedtls_x509_crt_init(&authorities->certificates);
  /* The system's store holds certificates of every kind: those that cannot be read do not matter. */
  if (load_certificates(&authorities->certificates, bytes, length) >= 0 &&
      authorities->certificates.raw.len > 0)
    return authorities;
  ctls_authorities_free(authorities);
  return NULL;
}

void ctls_authorities_free(ctls_authorities *authorities) {
  if (authorities == NULL) return;
  mbedtls_x509_crt_free(&authorities->certificates);
  free(authorities);
}
