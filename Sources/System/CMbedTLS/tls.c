/* SPDX-License-Identifier: Apache-2.0 */
#include "compatibility.h"
#include "credentials.h"
#include "include/tls.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Bytes on their way, taken from the front. */
typedef struct {
  uint8_t *bytes;
  size_t start, end, capacity;
} buffer;

struct ctls_session {
  mbedtls_ssl_config config;
  mbedtls_ssl_context ssl;
  seeded_random random;
  buffer input, output;
  bool is_client, is_connected, has_closed;
  uint8_t alert;
  uint32_t faults;
  /* Client: who is meant, and the date by which certificates are judged. */
  char name[256];
  uint8_t address[16];
  size_t address_length;
  mbedtls_x509_time date;
};

/* RFC 9325 section 4.2: ephemeral keys and authenticated encryption only. */
static const int suites[] = {
#if IS_MBEDTLS_3
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};
static const char *protocols[] = {"http/1.1", NULL};
#if IS_MBEDTLS_3
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};
static const uint16_t signatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_NONE,
};
#else
static const mbedtls_ecp_group_id groups[] = {
    MBEDTLS_ECP_DP_SECP256R1,
    MBEDTLS_ECP_DP_CURVE25519,
    MBEDTLS_ECP_DP_SECP384R1,
    MBEDTLS_ECP_DP_NONE,
};
static const int signatures[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512, MBEDTLS_MD_NONE};
#endif

/* ---- bytes on their way ---- */

static bool append(buffer *to, const uint8_t *bytes, size_t length) {
  if (length == 0) return true;
  const size_t held = to->end - to->start;
  if (to->start > 0 && to->end + length > to->capacity) {
    memmove(to->bytes, to->bytes + to->start, held);
    to->start = 0;
    to->end = held;
  }
  if (to->end + length > to->capacity) {
    const size_t wanted = to->end + length > 2048 ? to->end + length : 2048;
    uint8_t *larger = realloc(to->bytes, wanted);
    if (larger == NULL) return false;
    to->bytes = larger;
    to->capacity = wanted;
  }
  memcpy(to->bytes + to->end, bytes, length);
  to->end += length;
  return true;
}

/* A session that rests keeps no memory for what it does not hold. */
static void empty(buffer *from) {
  free(from->bytes);
  memset(from, 0, sizeof *from);
}

static size_t take(buffer *from, uint8_t *out, size_t capacity) {
  const size_t held = from->end - from->start, length = held < capacity ? held : capacity;
  if (length > 0) memcpy(out, from->bytes + from->start, length);
  from->start += length;
  if (from->start == from->end) empty(from);
  return length;
}

/* ---- mbedTLS's callbacks: none leaves this file ---- */

static int send_bytes(void *context, const unsigned char *bytes, size_t length) {
  ctls_session *session = context;
  return append(&session->output, bytes, length) ? (int)length : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

static int receive_bytes(void *context, unsigned char *out, size_t capacity) {
  ctls_session *session = context;
  const size_t length = take(&session->input, out, capacity);
  return length > 0 ? (int)length : MBEDTLS_ERR_SSL_WANT_READ;
}

static bool is_before(const mbedtls_x509_time *one, const mbedtls_x509_time *other) {
  if (one->year != other->year) return one->year < other->year;
  if (one->mon != other->mon) return one->mon < other->mon;
  if (one->day != other->day) return one->day < other->day;
  if (one->hour != other->hour) return one->hour < other->hour;
  if (one->min != other->min) return one->min < other->min;
  return one->sec < other->sec;
}

/* Whether a name of a certificate, perhaps with a star for its first label, is `name` (RFC 9525 section 6.3). */
static bool is_name(const uint8_t *given, size_t length, const char *name) {
  const size_t wanted = strlen(name);
  if (length > 2 && given[0] == '*' && given[1] == '.') {
    const char *rest = strchr(name, '.');
    return rest != NULL && rest != name && strchr(rest + 1, '.') != NULL && strlen(rest) == length - 1 &&
           strncasecmp(rest, (const char *)given + 1, length - 1) == 0;
  }
  return length == wanted && strncasecmp(name, (const char *)given, length) == 0;
}

static bool is_meant(const ctls_session *session, const mbedtls_x509_crt *certificate) {
  enum { DNS_NAME = 2, IP_ADDRESS = 7 };
  for (const mbedtls_x509_sequence *next = &certificate->subject_alt_names; next != NULL; next = next->next) {
    const int kind = next->buf.tag & 0x1F;
    if (next->buf.p == NULL || (next->buf.tag & 0xC0) != MBEDTLS_ASN1_CONTEXT_SPECIFIC) continue;
    if (kind == DNS_NAME && session->name[0] != 0 && is_name(next->buf.p, next->buf.len, session->name))
      return true;
    if (kind == IP_ADDRESS && session->name[0] == 0 && next->buf.len == session->address_length &&
        memcmp(next->buf.p, session->address, next->buf.len) == 0)
      return true;
  }
  return false;
}

/* mbedTLS asks the machine's clock, and 2.28 knows no addresses: date and name are judged here. */
static int judge(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
  ctls_session *session = context;
  const uint32_t own = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_CN_MISMATCH;
  *flags &= ~own;
  if (is_before(&session->date, &certificate->valid_from)) *flags |= MBEDTLS_X509_BADCERT_FUTURE;
  if (is_before(&certificate->valid_to, &session->date)) *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
  if (depth == 0 && !is_meant(session, certificate)) *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  if (depth > 0 && !permits(certificate, session->name, session->address, session->address_length)) {
    *flags |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    session->faults |= CTLS_NOT_PERMITTED;
    return 0;
  }
  if (*flags & MBEDTLS_X509_BADCERT_EXPIRED) session->faults |= CTLS_EXPIRED;
  if (*flags & MBEDTLS_X509_BADCERT_FUTURE) session->faults |= CTLS_NOT_YET_VALID;
  if (*flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) session->faults |= CTLS_OTHER_NAME;
  if (*flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) session->faults |= CTLS_UNKNOWN_AUTHORITY;
  if (*flags & ~(own | MBEDTLS_X509_BADCERT_NOT_TRUSTED)) session->faults |= CTLS_OTHER_FAULT;
  return 0;
}

/* ---- making and ending ---- */

static int configure(ctls_session *session) {
  mbedtls_ssl_config *config = &session->config;
  int status = mbedtls_ssl_config_defaults(config, session->is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                           MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (status != 0) return status;
#if IS_MBEDTLS_3
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_groups(config, groups);
  mbedtls_ssl_conf_sig_algs(config, signatures);
#else
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_curves(config, groups);
  mbedtls_ssl_conf_sig_hashes(config, signatures);
#endif
  mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &session->random.generator);
  mbedtls_ssl_conf_ciphersuites(config, suites);
  mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  mbedtls_ssl_conf_extended_master_secret(config, MBEDTLS_SSL_EXTENDED_MS_ENABLED);
  mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  mbedtls_ssl_conf_authmode(config, session->is_client ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
  return mbedtls_ssl_conf_alpn_protocols(config, protocols);
}

static ctls_session *make(bool is_client, const uint8_t seed[CTLS_SEED_LENGTH]) {
#if IS_MBEDTLS_3
  if (psa_crypto_init() != PSA_SUCCESS) return NULL;
#endif
  ctls_session *session = calloc(1, sizeof *session);
  if (session == NULL) return NULL;
  session->is_client = is_client;
  mbedtls_ssl_config_init(&session->config);
  mbedtls_ssl_init(&session->ssl);
  if (seeded_random_begin(&session->random, seed) == 0 && configure(session) == 0) return session;
  ctls_session_destroy(session);
  return NULL;
}

static ctls_session *set_up(ctls_session *session, int status) {
  if (status == 0) status = mbedtls_ssl_setup(&session->ssl, &session->config);
  /* Said in any case: for a client the server's name, which mbedTLS must not take for forgotten. */
  if (status == 0 && session->is_client)
    status = mbedtls_ssl_set_hostname(&session->ssl, session->name[0] != 0 ? session->name : NULL);
  if (status == 0) {
    mbedtls_ssl_set_bio(&session->ssl, session, send_bytes, receive_bytes, NULL);
    return session;
  }
  ctls_session_destroy(session);
  return NULL;
}

ctls_session *ctls_server_create(const ctls_credentials *credentials, const uint8_t seed[CTLS_SEED_LENGTH]) {
  ctls_session *session = make(false, seed);
  if (session == NULL) return NULL;
  return set_up(session, mbedtls_ssl_conf_own_cert(&session->config, (mbedtls_x509_crt *)&credentials->chain,
                                                   (mbedtls_pk_context *)&credentials->key));
}

ctls_session *ctls_client_create(const ctls_authorities *authorities, const uint8_t seed[CTLS_SEED_LENGTH],
                                 const char *name, const uint8_t *address, size_t address_length,
                                 const int date[6]) {
  ctls_session *session = make(true, seed);
  if (session == NULL) return NULL;
  session->date = (mbedtls_x509_time){date[0], date[1], date[2], date[3], date[4], date[5]};
  const bool fits = strlen(name) < sizeof session->name && address_length <= sizeof session->address;
  if (fits) {
    strcpy(session->name, name);
    if (address_length > 0) memcpy(session->address, address, address_length);
    session->address_length = address_length;
  }
  mbedtls_ssl_conf_ca_chain(&session->config, (mbedtls_x509_crt *)&authorities->certificates, NULL);
  mbedtls_ssl_conf_verify(&session->config, judge, session);
  return set_up(session, fits ? 0 : MBEDTLS_ERR_SSL_BAD_INPUT_DATA);
}

void ctls_session_destroy(ctls_session *session) {
  if (session == NULL) return;
  mbedtls_ssl_free(&session->ssl);
  mbedtls_ssl_config_free(&session->config);
  seeded_random_end(&session->random);
  empty(&session->input);
  empty(&session->output);
  wipe(session, sizeof *session);
  free(session);
}

/* ---- running ---- */

static int outcome(ctls_session *session, int status) {
  switch (status) {
    case MBEDTLS_ERR_SSL_WANT_READ:
    case MBEDTLS_ERR_SSL_WANT_WRITE: return CTLS_WAITING;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return CTLS_CLOSED;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
#if IS_MBEDTLS_3
      session->alert = session->ssl.MBEDTLS_PRIVATE(in_msg)[1];
#else
      session->alert = session->ssl.in_msg[1];
#endif
      return CTLS_ALERT;
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED: return CTLS_UNTRUSTED;
#if IS_MBEDTLS_3
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION: return CTLS_NOTHING_IN_COMMON;
#else
    case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
    case MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE:
    case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN: return CTLS_NOTHING_IN_COMMON;
#endif
    default: return status;
  }
}

bool ctls_session_receive(ctls_session *session, const uint8_t *bytes, size_t length) {
  return append(&session->input, bytes, length);
}

size_t ctls_session_kept(const ctls_session *session) { return session->input.end - session->input.start; }

int ctls_session_step(ctls_session *session) {
  if (session->is_connected) return CTLS_WAITING;
  const int status = mbedtls_ssl_handshake(&session->ssl);
  if (status != 0) return outcome(session, status);
  session->is_connected = true;
  mbedtls_ssl_conf_ca_chain(&session->config, NULL, NULL);
  return CTLS_CONNECTED;
}

int ctls_session_read(ctls_session *session, uint8_t *out, size_t capacity) {
  if (!session->is_connected) return CTLS_WAITING;
  int status;
  do {
    status = mbedtls_ssl_read(&session->ssl, out, capacity);
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
  } while (status == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
#else
  } while (false);
#endif
  return status > 0 ? status : outcome(session, status);
}

bool ctls_session_write(ctls_session *session, const uint8_t *bytes, size_t length) {
  if (!session->is_connected || session->has_closed) return false;
  while (length > 0) {
    const int written = mbedtls_ssl_write(&session->ssl, bytes, length);
    if (written <= 0) return false;
    bytes += written;
    length -= (size_t)written;
  }
  return true;
}

void ctls_session_close(ctls_session *session) {
  if (session->is_connected && !session->has_closed) mbedtls_ssl_close_notify(&session->ssl);
  session->has_closed = true;
}

size_t ctls_session_take(ctls_session *session, uint8_t *out, size_t capacity) {
  return take(&session->output, out, capacity);
}

size_t ctls_session_waiting(const ctls_session *session) { return session->output.end - session->output.start; }

uint8_t ctls_session_alert(const ctls_session *session) { return session->alert; }

uint32_t ctls_session_faults(const ctls_session *session) { return session->faults; }

const char *ctls_session_version(const ctls_session *session) { return mbedtls_ssl_get_version(&session->ssl); }

const char *ctls_session_cipher(const ctls_session *session) { return mbedtls_ssl_get_ciphersuite(&session->ssl); }
