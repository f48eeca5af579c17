/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Each returns 0, or mbedTLS's error code. `out` holds 20, 32 and 20 bytes. */
int cmbedtls_sha1(const uint8_t *input, size_t length, uint8_t *out);
int cmbedtls_sha256(const uint8_t *input, size_t length, uint8_t *out);
int cmbedtls_hmac_sha1(const uint8_t *key, size_t key_length, const uint8_t *input, size_t length,
                       uint8_t *out);
