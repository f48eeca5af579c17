/* SPDX-License-Identifier: Apache-2.0 */
#include "include/hash.h"

#include <mbedtls/md.h>

static int digest(mbedtls_md_type_t type, const uint8_t *input, size_t length, uint8_t *out) {
  const mbedtls_md_info_t *info = mbedtls_md_info_from_type(type);
  return info == NULL ? MBEDTLS_ERR_MD_FEATURE_UNAVAILABLE : mbedtls_md(info, input, length, out);
}

int cmbedtls_sha1(const uint8_t *input, size_t length, uint8_t *out) {
  return digest(MBEDTLS_MD_SHA1, input, length, out);
}

int cmbedtls_sha256(const uint8_t *input, size_t length, uint8_t *out) {
  return digest(MBEDTLS_MD_SHA256, input, length, out);
}

int cmbedtls_hmac_sha1(const uint8_t *key, size_t key_length, const uint8_t *input, size_t length,
                       uint8_t *out) {
  const mbedtls_md_info_t *info = mbedtls_md_info_from_type(MBEDTLS_MD_SHA1);
  if (info == NULL) return MBEDTLS_ERR_MD_FEATURE_UNAVAILABLE;
  return mbedtls_md_hmac(info, key, key_length, input, length, out);
}
