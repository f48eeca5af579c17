/* SPDX-License-Identifier: Apache-2.0 */
/* A thin shim that hides the difference between mbedTLS 2.28 and 3.6. */
#pragma once
#include "hash.h"
#include "dtls.h"
#include "tls.h"
