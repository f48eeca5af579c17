/* SPDX-License-Identifier: Apache-2.0 */
/* What the sessions of TLS share. */
#pragma once
#include "compatibility.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctls_credentials {
  mbedtls_pk_context key;
  mbedtls_x509_crt chain;
};

struct ctls_authorities {
  mbedtls_x509_crt certificates;
};

/* mbedTLS's callback for extensions it does not know: takes name constraints, which `permits` looks at. */
int accept_constraints(void *context, const mbedtls_x509_crt *certificate, const mbedtls_x509_buf *oid, int critical,
                       const unsigned char *start, const unsigned char *end);

/* Whether an authority may sign for `name` or, when that is empty, for `address` of `count` bytes. */
bool permits(const mbedtls_x509_crt *certificate, const char *name, const uint8_t *address, size_t count);
