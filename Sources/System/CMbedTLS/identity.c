/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "compatibility.h"
#include "include/dtls.h"

#include <mbedtls/asn1write.h>
#include <mbedtls/bignum.h>
#include <mbedtls/ecp.h>
#include <stdlib.h>
#include <string.h>

void wipe(void *bytes, size_t length) { explicit_bzero(bytes, length); }

/* mbedTLS asks for entropy when it seeds; there is no more than the seed, so it may ask only then. */
static int entropy(void *context, unsigned char *out, size_t length) {
  seeded_random *random = context;
  if (length > sizeof random->seed - random->used) return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
  memcpy(out, random->seed + random->used, length);
  random->used += length;
  return 0;
}

int seeded_random_begin(seeded_random *random, const uint8_t seed[64]) {
  memcpy(random->seed, seed, sizeof random->seed);
  random->used = 0;
  mbedtls_ctr_drbg_init(&random->generator);
  mbedtls_ctr_drbg_set_reseed_interval(&random->generator, 1 << 30);
  return mbedtls_ctr_drbg_seed(&random->generator, entropy, random, NULL, 0);
}

void seeded_random_end(seeded_random *random) {
  mbedtls_ctr_drbg_free(&random->generator);
  wipe(random->seed, sizeof random->seed);
}

static cdtls_identity *empty(void) {
#if IS_MBEDTLS_3
  if (psa_crypto_init() != PSA_SUCCESS) return NULL;
#endif
  cdtls_identity *identity = calloc(1, sizeof *identity);
  if (identity == NULL) return NULL;
  mbedtls_pk_init(&identity->key);
  mbedtls_x509_crt_init(&identity->certificate);
  return identity;
}

static int set_serial(mbedtls_x509write_cert *writer, uint8_t serial[16]) {
  serial[0] = (serial[0] & 0x7F) | 0x40; /* positive, and always 16 bytes */
#if IS_MBEDTLS_3
  return mbedtls_x509write_crt_set_serial_raw(writer, serial, 16);
#else
  mbedtls_mpi number;
  mbedtls_mpi_init(&number);
  int status = mbedtls_mpi_read_binary(&number, serial, 16);
  if (status == 0) status = mbedtls_x509write_crt_set_serial(writer, &number);
  mbedtls_mpi_free(&number);
  return status;
#endif
}

#if !IS_MBEDTLS_3
/*
 * 2.28 names ecdsa-with-SHA256 with the parameters NULL, where RFC 5758 (section 3.2) wants none: strict peers refuse
 * such a certificate. Writes it again without them, signed anew, at the end of the buffer too.
 */
static int without_parameters(cdtls_identity *identity, uint8_t *der, size_t capacity, size_t length,
                              seeded_random *random) {
  static const uint8_t written[] = {0x30, 0x0C, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02, 0x05, 0x00};
  static const uint8_t wanted[] = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
  const int sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;
  uint8_t *end = der + capacity, *body = end - length;
  size_t count = 0, signature_length = 0;
  /* The macros of asn1write.h want this name. */
  int ret = mbedtls_asn1_get_tag(&body, end, &count, sequence);
  if (ret == 0) ret = mbedtls_asn1_get_tag(&body, end, &count, sequence);
  if (ret != 0) return ret;
  const uint8_t *found = memmem(body, count, written, sizeof written);
  if (found == NULL) return MBEDTLS_ERR_X509_INVALID_ALG;
  const uint8_t *rest = found + sizeof written;

  uint8_t part[1024], *start = part + sizeof part;
  int size = 0;
  MBEDTLS_ASN1_CHK_ADD(size, mbedtls_asn1_write_raw_buffer(&start, part, rest, body + count - rest));
  MBEDTLS_ASN1_CHK_ADD(size, mbedtls_asn1_write_raw_buffer(&start, part, wanted, sizeof wanted));
  MBEDTLS_ASN1_CHK_ADD(size, mbedtls_asn1_write_raw_buffer(&start, part, body, found - body));
  MBEDTLS_ASN1_CHK_ADD(size, mbedtls_asn1_write_len(&start, part, size));
  MBEDTLS_ASN1_CHK_ADD(size, mbedtls_asn1_write_tag(&start, part, sequence));

  uint8_t hash[32], signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
  ret = mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), start, size, hash);
  if (ret == 0) ret = sign_hash(&identity->key, hash, signature, &signature_length, random);
  if (ret != 0) return ret;

  int total = 0;
  MBEDTLS_ASN1_CHK_ADD(total, mbedtls_asn1_write_bitstring(&end, der, signature, 8 * signature_length));
  MBEDTLS_ASN1_CHK_ADD(total, mbedtls_asn1_write_raw_buffer(&end, der, wanted, sizeof wanted));
  MBEDTLS_ASN1_CHK_ADD(total, mbedtls_asn1_write_raw_buffer(&end, der, start, size));
  MBEDTLS_ASN1_CHK_ADD(total, mbedtls_asn1_write_len(&end, der, total));
  MBEDTLS_ASN1_CHK_ADD(total, mbedtls_asn1_write_tag(&end, der, sequence));
  return total;
}
#endif

static int sign(cdtls_identity *identity, const uint8_t serial[16], seeded_random *random) {
  mbedtls_x509write_cert writer;
  mbedtls_x509write_crt_init(&writer);
  mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(&writer, &identity->key);
  mbedtls_x509write_crt_set_issuer_key(&writer, &identity->key);
  uint8_t number[16];
  memcpy(number, serial, sizeof number);
  uint8_t der[1024];
  int status = set_serial(&writer, number);
  if (status == 0) status = mbedtls_x509write_crt_set_subject_name(&writer, "CN=WebRTC");
  if (status == 0) status = mbedtls_x509write_crt_set_issuer_name(&writer, "CN=WebRTC");
  /* The clock of a device without a battery is wrong until it has a network: any date must do. */
  if (status == 0)
    status = mbedtls_x509write_crt_set_validity(&writer, "20000101000000", "20491231235959");
  if (status == 0)
    status = mbedtls_x509write_crt_der(&writer, der, sizeof der, mbedtls_ctr_drbg_random,
                                       &random->generator);
#if !IS_MBEDTLS_3
  if (status > 0) status = without_parameters(identity, der, sizeof der, status, random);
#endif
  if (status > 0) /* written at the end of the buffer */
    status = mbedtls_x509_crt_parse_der(&identity->certificate, der + sizeof der - status, status);
  mbedtls_x509write_crt_free(&writer);
  return status;
}

cdtls_identity *cdtls_identity_make(const uint8_t seed[CDTLS_SEED_LENGTH], const uint8_t serial[16]) {
  cdtls_identity *identity = empty();
  if (identity == NULL) return NULL;
  seeded_random random;
  int status = seeded_random_begin(&random, seed);
  if (status == 0)
    status = mbedtls_pk_setup(&identity->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (status == 0)
    status = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(identity->key),
                                 mbedtls_ctr_drbg_random, &random.generator);
  if (status == 0) status = sign(identity, serial, &random);
  seeded_random_end(&random);
  if (status == 0) return identity;
  cdtls_identity_free(identity);
  return NULL;
}

int sign_hash(mbedtls_pk_context *key, const uint8_t hash[32], uint8_t *out, size_t *length, seeded_random *random) {
#if IS_MBEDTLS_3
  return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, 32, out, MBEDTLS_PK_SIGNATURE_MAX_SIZE, length,
                         mbedtls_ctr_drbg_random, &random->generator);
#else
  return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, 32, out, length, mbedtls_ctr_drbg_random, &random->generator);
#endif
}

int prove_pair(mbedtls_pk_context *key, mbedtls_pk_context *public_key, seeded_random *random) {
  const uint8_t hash[32] = {0};
  uint8_t signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
  size_t length = 0;
  const int status = sign_hash(key, hash, signature, &length, random);
  if (status != 0) return status;
  return mbedtls_pk_verify(public_key, MBEDTLS_MD_SHA256, hash, sizeof hash, signature, length);
}

int parse_private_key(mbedtls_pk_context *key, const uint8_t *bytes, size_t length, seeded_random *random) {
#if IS_MBEDTLS_3
  return mbedtls_pk_parse_key(key, bytes, length, NULL, 0, mbedtls_ctr_drbg_random, &random->generator);
#else
  (void)random;
  return mbedtls_pk_parse_key(key, bytes, length, NULL, 0);
#endif
}

cdtls_identity *cdtls_identity_load(const uint8_t *certificate, size_t certificate_length,
                                    const uint8_t *key, size_t key_length,
                                    const uint8_t seed[CDTLS_SEED_LENGTH]) {
  cdtls_identity *identity = empty();
  if (identity == NULL) return NULL;
  seeded_random random;
  int status = seeded_random_begin(&random, seed);
  if (status == 0)
    status = mbedtls_x509_crt_parse_der(&identity->certificate, certificate, certificate_length);
  if (status == 0) status = parse_private_key(&identity->key, key, key_length, &random);
  if (status == 0 && !(mbedtls_pk_can_do(&identity->key, MBEDTLS_PK_ECDSA) &&
                       mbedtls_pk_get_bitlen(&identity->key) == 256 &&
                       identity->certificate.raw.len == certificate_length &&
                       mbedtls_pk_can_do(&identity->certificate.pk, MBEDTLS_PK_ECDSA)))
    status = MBEDTLS_ERR_PK_TYPE_MISMATCH;
  if (status == 0) status = prove_pair(&identity->key, &identity->certificate.pk, &random);
  seeded_random_end(&random);
  if (status == 0) return identity;
  cdtls_identity_free(identity);
  return NULL;
}

void cdtls_identity_free(cdtls_identity *identity) {
  if (identity == NULL) return;
  mbedtls_pk_free(&identity->key);
  mbedtls_x509_crt_free(&identity->certificate);
  free(identity);
}

size_t cdtls_identity_certificate(const cdtls_identity *identity, uint8_t *out, size_t capacity) {
  size_t length = identity->certificate.raw.len;
  if (length > capacity) return 0;
  memcpy(out, identity->certificate.raw.p, length);
  return length;
}

size_t cdtls_identity_private_key(const cdtls_identity *identity, uint8_t *out, size_t capacity) {
  int length = mbedtls_pk_write_key_der((mbedtls_pk_context *)&identity->key, out, capacity);
  if (length <= 0) return 0;
  memmove(out, out + capacity - length, length); /* written at the end of the buffer */
  return (size_t)length;
}
