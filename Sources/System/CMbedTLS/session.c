/* SPDX-License-Identifier: Apache-2.0 */
#include "compatibility.h"
#include "include/dtls.h"

#include <mbedtls/md.h>
#if !IS_MBEDTLS_3
#include <mbedtls/ssl_internal.h>
#endif
#include <stdlib.h>
#include <string.h>

enum { DIGESTS = 8, QUEUE = 64, HEADER = 13, ALERT = 21 };

typedef struct datagram {
  struct datagram *next;
  size_t length;
  uint8_t bytes[];
} datagram;

struct cdtls_session {
  mbedtls_ssl_config config;
  mbedtls_ssl_context ssl;
  seeded_random random;
  bool has_context, is_connected, has_encrypted, may_alert;
  uint16_t mtu;
  uint32_t maximum_timeout;

  int64_t now, intermediate, final; /* -1: not set */
  const uint8_t *input;             /* during one call only */
  size_t input_length;
  datagram *first, **last;
  size_t queued;
  uint8_t hello[512]; /* the first datagram of this attempt, when it is that short */
  size_t hello_length;
  uint8_t *sealed; /* where the next record goes instead of the queue; during one call only */
  size_t sealed_capacity, sealed_length;
  uint64_t sequence; /* of cleartext records, across attempts: a peer drops numbers it has seen */

  struct {
    uint8_t bytes[64];
    size_t length;
  } digests[DIGESTS];
  size_t digest_count;
  bool has_certificate, has_match;

  uint8_t secret[48], randoms[64];
  mbedtls_tls_prf_types prf;
  bool has_secret, has_keys;
  uint8_t keys[60];
};

static const int suites[] = {
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};
static const mbedtls_ssl_srtp_profile profiles[] = {
    MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_80,
    MBEDTLS_TLS_SRTP_UNSET,
};
#if IS_MBEDTLS_3
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};
static const uint16_t signatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_NONE,
};
#else
static const mbedtls_ecp_group_id groups[] = {
    MBEDTLS_ECP_DP_SECP256R1,
    MBEDTLS_ECP_DP_CURVE25519,
    MBEDTLS_ECP_DP_NONE,
};
static const int signatures[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_NONE};
#endif

/* ---- mbedTLS's callbacks: none leaves this file ---- */

static void set_timer(void *context, uint32_t intermediate, uint32_t final) {
  cdtls_session *session = context;
  if (final == 0) {
    session->intermediate = session->final = -1;
    return;
  }
  /* mbedTLS doubles without end here; the interval stops growing at the maximum. */
  if (final > session->maximum_timeout) {
    final = session->maximum_timeout;
    intermediate = final / 4;
  }
  session->intermediate = session->now + intermediate;
  session->final = session->now + final;
}

static int get_timer(void *context) {
  cdtls_session *session = context;
  if (session->final < 0) return -1;
  if (session->now >= session->final) return 2;
  return session->now >= session->intermediate ? 1 : 0;
}

/*
 * mbedTLS puts the time of day into the first four bytes of its random, so an attempt could not be repeated a
 * second later, and a peer that has got on would see another handshake. They lie before the 28 that it asks for.
 */
static int draw(void *context, unsigned char *out, size_t length) {
  cdtls_session *session = context;
#if !IS_MBEDTLS_3
  const mbedtls_ssl_context *ssl = &session->ssl;
  if (length == 28 && ssl->handshake != NULL) {
    const bool is_client = session->config.endpoint == MBEDTLS_SSL_IS_CLIENT;
    if (out == (is_client ? ssl->handshake->randbytes + 4 : ssl->out_msg + 10)) {
      out -= 4;
      length += 4;
    }
  }
#endif
  return mbedtls_ctr_drbg_random(&session->random.generator, out, length);
}

static size_t record_length(const uint8_t *record, size_t left) {
  if (left < HEADER) return 0;
  size_t length = HEADER + ((size_t)record[11] << 8 | record[12]);
  return length <= left ? length : 0;
}

static bool is_cleartext(const uint8_t *record) { return record[3] == 0 && record[4] == 0; }

/*
 * Numbers cleartext records anew, and cuts off the alerts of a handshake: one that mbedTLS sends because
 * of a damaged or forged datagram would end the session at the true peer.
 */
static int send_datagram(void *context, const unsigned char *bytes, size_t length) {
  cdtls_session *session = context;
  if (session->sealed != NULL) {
    if (session->sealed_length == 0 && length <= session->sealed_capacity) {
      memcpy(session->sealed, bytes, length);
      session->sealed_length = length;
    }
    return (int)length;
  }
  if (session->queued >= QUEUE) return (int)length;
  datagram *next = malloc(sizeof *next + length);
  if (next == NULL) return (int)length;
  next->next = NULL;
  next->length = 0;
  for (size_t offset = 0, size; (size = record_length(bytes + offset, length - offset)) > 0;
       offset += size) {
    uint8_t *record = next->bytes + next->length;
    const bool clear = is_cleartext(bytes + offset);
    if (bytes[offset] == ALERT && !session->may_alert) continue;
    memcpy(record, bytes + offset, size);
    next->length += size;
    if (clear) {
      uint64_t sequence = session->sequence++;
      for (int index = 10; index > 4; index--, sequence >>= 8) record[index] = (uint8_t)sequence;
    } else {
      session->has_encrypted = true;
    }
  }
  if (session->hello_length == 0 && next->length <= sizeof session->hello) {
    memcpy(session->hello, next->bytes, next->length);
    session->hello_length = next->length;
  }
  if (next->length == 0) {
    free(next);
    return (int)length;
  }
  *session->last = next;
  session->last = &next->next;
  session->queued++;
  return (int)length;
}

static int receive_datagram(void *context, unsigned char *out, size_t capacity) {
  cdtls_session *session = context;
  if (session->input == NULL) return MBEDTLS_ERR_SSL_WANT_READ;
  size_t length = session->input_length < capacity ? session->input_length : capacity;
  memcpy(out, session->input, length);
  session->input = NULL;
  return (int)length;
}

static mbedtls_md_type_t digest_type(size_t length) {
  switch (length) {
    case 32: return MBEDTLS_MD_SHA256;
    case 48: return MBEDTLS_MD_SHA384;
    case 64: return MBEDTLS_MD_SHA512;
    default: return MBEDTLS_MD_NONE;
  }
}

/*
 * No authority signs these certificates: the fingerprint decides, and it decides after the handshake, when
 * the peer has proved that the certificate is its own and that nobody changed it on the way.
 */
static int verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
  cdtls_session *session = context;
  *flags = 0;
  if (depth != 0) return 0;
  session->has_certificate = true;
  session->has_match = false;
  for (size_t index = 0; index < session->digest_count; index++) {
    uint8_t digest[64], difference = 0;
    const size_t length = session->digests[index].length;
    const mbedtls_md_info_t *type = mbedtls_md_info_from_type(digest_type(length));
    if (type == NULL || mbedtls_md(type, certificate->raw.p, certificate->raw.len, digest) != 0) continue;
    for (size_t at = 0; at < length; at++)
      difference |= digest[at] ^ session->digests[index].bytes[at];
    if (difference == 0) session->has_match = true;
  }
  return 0;
}

static void keep_secret(cdtls_session *session, const unsigned char *secret,
                        const unsigned char client[32], const unsigned char server[32],
                        mbedtls_tls_prf_types prf) {
  memcpy(session->secret, secret, sizeof session->secret);
  memcpy(session->randoms, client, 32);
  memcpy(session->randoms + 32, server, 32);
  session->prf = prf;
  session->has_secret = true;
}

#if IS_MBEDTLS_3
static void export_secret(void *context, mbedtls_ssl_key_export_type type,
                          const unsigned char *secret, size_t length, const unsigned char client[32],
                          const unsigned char server[32], mbedtls_tls_prf_types prf) {
  if (type == MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET && length == 48)
    keep_secret(context, secret, client, server, prf);
}
#else
static int export_secret(void *context, const unsigned char *secret, const unsigned char *block,
                         size_t mac, size_t key, size_t iv, const unsigned char client[32],
                         const unsigned char server[32], mbedtls_tls_prf_types prf) {
  (void)block, (void)mac, (void)key, (void)iv;
  keep_secret(context, secret, client, server, prf);
  return 0;
}
#endif

/* ---- making and ending ---- */

static int configure(cdtls_session *session, const cdtls_identity *identity, bool is_server,
                     uint32_t minimum_timeout) {
  mbedtls_ssl_config *config = &session->config;
  int status = mbedtls_ssl_config_defaults(config, is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                           MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (status != 0) return status;
#if IS_MBEDTLS_3
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_groups(config, groups);
  mbedtls_ssl_conf_sig_algs(config, signatures);
#else
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_curves(config, groups);
  mbedtls_ssl_conf_sig_hashes(config, signatures);
  mbedtls_ssl_conf_export_keys_ext_cb(config, export_secret, session);
#endif
  mbedtls_ssl_conf_rng(config, draw, session);
  mbedtls_ssl_conf_ciphersuites(config, suites);
  mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_OPTIONAL);
  mbedtls_ssl_conf_verify(config, verify, session);
  mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  mbedtls_ssl_conf_extended_master_secret(config, MBEDTLS_SSL_EXTENDED_MS_ENABLED);
  mbedtls_ssl_conf_handshake_timeout(config, minimum_timeout, UINT32_MAX);
  mbedtls_ssl_conf_srtp_mki_value_supported(config, MBEDTLS_SSL_DTLS_SRTP_MKI_UNSUPPORTED);
  if (is_server) {
    mbedtls_ssl_conf_dtls_cookies(config, NULL, NULL, NULL); /* ICE has shown that the peer is there */
    mbedtls_ssl_conf_cert_req_ca_list(config, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
  } else {
    mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  }
  status = mbedtls_ssl_conf_dtls_srtp_protection_profiles(config, profiles);
  if (status != 0) return status;
  return mbedtls_ssl_conf_own_cert(config, (mbedtls_x509_crt *)&identity->certificate,
                                   (mbedtls_pk_context *)&identity->key);
}

cdtls_session *cdtls_session_create(const cdtls_identity *identity, bool is_server, uint16_t mtu,
                                    uint32_t minimum_timeout, uint32_t maximum_timeout) {
  cdtls_session *session = calloc(1, sizeof *session);
  if (session == NULL) return NULL;
  session->last = &session->first;
  session->mtu = mtu;
  session->maximum_timeout = maximum_timeout;
  session->intermediate = session->final = -1;
  mbedtls_ssl_config_init(&session->config);
  if (configure(session, identity, is_server, minimum_timeout) == 0) return session;
  cdtls_session_destroy(session);
  return NULL;
}

static void end_context(cdtls_session *session) {
  if (session->has_context) {
    mbedtls_ssl_free(&session->ssl);
    seeded_random_end(&session->random);
  }
  session->has_context = session->is_connected = session->may_alert = false;
  session->has_certificate = session->has_match = session->has_secret = session->has_keys = false;
  session->intermediate = session->final = -1;
  wipe(session->secret, sizeof session->secret);
  wipe(session->keys, sizeof session->keys);
}

void cdtls_session_destroy(cdtls_session *session) {
  if (session == NULL) return;
  end_context(session);
  mbedtls_ssl_config_free(&session->config);
  for (datagram *next = session->first, *following; next != NULL; next = following) {
    following = next->next;
    free(next);
  }
  wipe(session, sizeof *session);
  free(session);
}

bool cdtls_session_expect(cdtls_session *session, const uint8_t *digest, size_t length) {
  if (session->digest_count >= DIGESTS || digest_type(length) == MBEDTLS_MD_NONE) return false;
  memcpy(session->digests[session->digest_count].bytes, digest, length);
  session->digests[session->digest_count++].length = length;
  return true;
}

int cdtls_session_begin(cdtls_session *session, const uint8_t seed[CDTLS_SEED_LENGTH]) {
  end_context(session);
  mbedtls_ssl_init(&session->ssl);
  session->has_context = true;
  session->has_encrypted = false;
  session->hello_length = 0;
  int status = seeded_random_begin(&session->random, seed);
  if (status == 0) status = mbedtls_ssl_setup(&session->ssl, &session->config);
  if (status == 0) status = mbedtls_ssl_set_hostname(&session->ssl, NULL);
  if (status != 0) {
    end_context(session);
    return status;
  }
#if IS_MBEDTLS_3
  mbedtls_ssl_set_export_keys_cb(&session->ssl, export_secret, session);
#endif
  mbedtls_ssl_set_mtu(&session->ssl, session->mtu);
  mbedtls_ssl_set_bio(&session->ssl, session, send_datagram, receive_datagram, NULL);
  mbedtls_ssl_set_timer_cb(&session->ssl, session, set_timer, get_timer);
  return 0;
}

/* ---- running ---- */

static int refuse(cdtls_session *session, int reason, unsigned char alert) {
  session->may_alert = true;
  mbedtls_ssl_send_alert_message(&session->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, alert);
  end_context(session);
  return reason;
}

static int finish(cdtls_session *session) {
  mbedtls_dtls_srtp_info info;
  mbedtls_ssl_get_dtls_srtp_negotiation_result(&session->ssl, &info);
  if (!session->has_certificate || mbedtls_ssl_get_peer_cert(&session->ssl) == NULL)
    return refuse(session, CDTLS_CERTIFICATE_MISSING, MBEDTLS_SSL_ALERT_MSG_NO_CERT);
  if (!session->has_match)
    return refuse(session, CDTLS_FINGERPRINT_MISMATCH, MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
#if IS_MBEDTLS_3
  const mbedtls_ssl_srtp_profile profile = info.MBEDTLS_PRIVATE(chosen_dtls_srtp_profile);
#else
  const mbedtls_ssl_srtp_profile profile = info.chosen_dtls_srtp_profile;
#endif
  if (profile != MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_80 || !session->has_secret)
    return refuse(session, CDTLS_PROFILE_MISSING, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
  int status = mbedtls_ssl_tls_prf(session->prf, session->secret, sizeof session->secret,
                                   "EXTRACTOR-dtls_srtp", session->randoms, sizeof session->randoms,
                                   session->keys, sizeof session->keys);
  wipe(session->secret, sizeof session->secret);
  session->has_secret = false;
  if (status != 0) {
    end_context(session);
    return status;
  }
  session->has_keys = session->is_connected = session->may_alert = true;
  return CDTLS_CONNECTED;
}

static void take_input(cdtls_session *session, int64_t now, const uint8_t *bytes, size_t length) {
  session->now = now;
  session->input = length > 0 ? bytes : NULL;
  session->input_length = length;
}

int cdtls_session_step(cdtls_session *session, int64_t now, const uint8_t *bytes, size_t length) {
  if (!session->has_context || session->is_connected) return CDTLS_WAITING;
  take_input(session, now, bytes, length);
  int status;
  bool had_input;
  do { /* a timer that is due comes before the datagram: then it is still there */
    had_input = session->input != NULL;
    status = mbedtls_ssl_handshake(&session->ssl);
  } while (status == MBEDTLS_ERR_SSL_WANT_READ && had_input);
  session->input = NULL;
  switch (status) {
    case 0: return finish(session);
    case MBEDTLS_ERR_SSL_WANT_READ:
    case MBEDTLS_ERR_SSL_WANT_WRITE: return CDTLS_WAITING;
    default: end_context(session); return status;
  }
}

bool cdtls_session_take_keys(cdtls_session *session, uint8_t out[60]) {
  if (!session->has_keys) return false;
  memcpy(out, session->keys, sizeof session->keys);
  wipe(session->keys, sizeof session->keys);
  session->has_keys = false;
  return true;
}

int cdtls_session_read(cdtls_session *session, int64_t now, const uint8_t *bytes, size_t length,
                       uint8_t *out, size_t capacity) {
  if (!session->is_connected) return CDTLS_CLOSED;
  take_input(session, now, bytes, length);
  int status;
  bool had_input;
  do {
    had_input = session->input != NULL;
    status = mbedtls_ssl_read(&session->ssl, out, capacity);
  } while (status == MBEDTLS_ERR_SSL_WANT_READ && had_input);
  session->input = NULL;
  switch (status) {
    case MBEDTLS_ERR_SSL_WANT_READ:
    case MBEDTLS_ERR_SSL_WANT_WRITE: return 0;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE: return CDTLS_CLOSED;
    default: return status;
  }
}

int cdtls_session_write(cdtls_session *session, const uint8_t *data, size_t length) {
  if (!session->is_connected) return CDTLS_CLOSED;
  if (session->queued >= QUEUE) return MBEDTLS_ERR_SSL_WANT_WRITE;
  return mbedtls_ssl_write(&session->ssl, data, length);
}

size_t cdtls_session_seal(cdtls_session *session, uint8_t *bytes, size_t length, size_t capacity) {
  if (!session->is_connected) return 0;
  session->sealed = bytes;
  session->sealed_capacity = capacity;
  session->sealed_length = 0;
  /* mbedTLS copies the bytes before it hands the record out, so that both may lie in one place. */
  const int status = mbedtls_ssl_write(&session->ssl, bytes, length);
  session->sealed = NULL;
  return status == (int)length ? session->sealed_length : 0;
}

void cdtls_session_close(cdtls_session *session) {
  if (session->is_connected) mbedtls_ssl_close_notify(&session->ssl);
  end_context(session);
}

void cdtls_session_repeat_hello(cdtls_session *session) {
  if (session->hello_length > 0) send_datagram(session, session->hello, session->hello_length);
}

size_t cdtls_session_take(cdtls_session *session, uint8_t *out, size_t capacity) {
  datagram *next = session->first;
  if (next == NULL) return 0;
  size_t length = next->length <= capacity ? next->length : 0;
  memcpy(out, next->bytes, length);
  session->first = next->next;
  if (session->first == NULL) session->last = &session->first;
  session->queued--;
  free(next);
  return length;
}

int64_t cdtls_session_deadline(const cdtls_session *session) { return session->final; }

bool cdtls_session_has_encrypted(const cdtls_session *session) { return session->has_encrypted; }

const char *cdtls_session_cipher(const cdtls_session *session) {
  return session->has_context ? mbedtls_ssl_get_ciphersuite(&session->ssl) : NULL;
}

size_t cdtls_session_peer_certificate(const cdtls_session *session, uint8_t *out, size_t capacity) {
  const mbedtls_x509_crt *certificate = session->has_context ? mbedtls_ssl_get_peer_cert(&session->ssl) : NULL;
  if (certificate == NULL || certificate->raw.len > capacity) return 0;
  memcpy(out, certificate->raw.p, certificate->raw.len);
  return certificate->raw.len;
}
