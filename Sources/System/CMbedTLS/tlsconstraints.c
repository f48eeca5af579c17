/* SPDX-License-Identifier: Apache-2.0 */
/* Name constraints (RFC 5280 section 4.2.1.10), which mbedTLS does not know. */
#include "credentials.h"

#include <mbedtls/asn1.h>
#include <string.h>
#include <strings.h>

enum {
  SEQUENCE = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE,
  TAGGED = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_CONTEXT_SPECIFIC,
  DNS_NAME = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2,
  IP_ADDRESS = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7,
};

static const uint8_t identifier[] = {0x55, 0x1D, 0x1E};

/* mbedTLS asks this of extensions that it does not know. */
int accept_constraints(void *context, const mbedtls_x509_crt *certificate, const mbedtls_x509_buf *oid, int critical,
                       const unsigned char *start, const unsigned char *end) {
  (void)context, (void)certificate, (void)start, (void)end;
  if (oid->len == sizeof identifier && memcmp(oid->p, identifier, sizeof identifier) == 0) return 0;
  return critical ? MBEDTLS_ERR_X509_INVALID_EXTENSIONS : 0;
}

static bool is_below(const uint8_t *base, size_t length, const char *name) {
  const size_t count = strlen(name);
  if (length > count) return false;
  if (strncasecmp(name + count - length, (const char *)base, length) != 0) return false;
  return length == count || length == 0 || base[0] == '.' || name[count - length - 1] == '.';
}

static bool is_within(const uint8_t *range, size_t length, const uint8_t *address, size_t count) {
  if (length != 2 * count) return false;
  for (size_t at = 0; at < count; at++)
    if ((address[at] & range[count + at]) != (range[at] & range[count + at])) return false;
  return true;
}

/* Goes through GeneralSubtrees: whether there is one of the kind, and one that holds what is meant. */
static int search(uint8_t *at, const uint8_t *end, const char *name, const uint8_t *address, size_t count, bool *has_kind,
                  bool *holds) {
  while (at < end) {
    size_t length = 0;
    int status = mbedtls_asn1_get_tag(&at, end, &length, SEQUENCE);
    if (status != 0) return status;
    uint8_t *next = at + length;
    if (at == next) return MBEDTLS_ERR_ASN1_INVALID_LENGTH;
    const int kind = *at;
    status = mbedtls_asn1_get_tag(&at, next, &length, kind);
    if (status != 0) return status;
    if (kind == (name[0] != 0 ? DNS_NAME : IP_ADDRESS)) {
      *has_kind = true;
      if (name[0] != 0 ? is_below(at, length, name) : is_within(at, length, address, count)) *holds = true;
    }
    at = next;
  }
  return 0;
}

static bool allows(uint8_t *at, const uint8_t *end, const char *name, const uint8_t *address, size_t count) {
  size_t length = 0;
  if (mbedtls_asn1_get_tag(&at, end, &length, SEQUENCE) != 0) return false;
  end = at + length;
  for (int part = 0; part < 2; part++) {
    if (at == end || *at != (TAGGED | part)) continue;
    if (mbedtls_asn1_get_tag(&at, end, &length, TAGGED | part) != 0) return false;
    bool has_kind = false, holds = false;
    if (search(at, at + length, name, address, count, &has_kind, &holds) != 0) return false;
    if (part == 0 ? has_kind && !holds : holds) return false;
    at += length;
  }
  return at == end;
}

bool permits(const mbedtls_x509_crt *certificate, const char *name, const uint8_t *address, size_t count) {
  uint8_t *at = certificate->v3_ext.p;
  if (at == NULL) return true;
  const uint8_t *end = at + certificate->v3_ext.len;
  size_t length = 0;
  if (mbedtls_asn1_get_tag(&at, end, &length, SEQUENCE) != 0) return false;
  while (at < end) {
    if (mbedtls_asn1_get_tag(&at, end, &length, SEQUENCE) != 0) return false;
    uint8_t *next = at + length;
    if (mbedtls_asn1_get_tag(&at, next, &length, MBEDTLS_ASN1_OID) != 0) return false;
    const bool is_meant = length == sizeof identifier && memcmp(at, identifier, length) == 0;
    at += length;
    int critical = 0;
    const int status = mbedtls_asn1_get_bool(&at, next, &critical);
    if (status != 0 && status != MBEDTLS_ERR_ASN1_UNEXPECTED_TAG) return false;
    if (is_meant) {
      if (mbedtls_asn1_get_tag(&at, next, &length, MBEDTLS_ASN1_OCTET_STRING) != 0) return false;
      if (!allows(at, at + length, name, address, count)) return false;
    }
    at = next;
  }
  return true;
}
