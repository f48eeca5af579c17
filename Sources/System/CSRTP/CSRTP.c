/* SPDX-License-Identifier: Apache-2.0 */
#include "include/CSRTP.h"

#include <pthread.h>
#include <srtp2/srtp.h>
#include <string.h>

/*
 * A manifest cannot choose a library by architecture without unsafe flags, which a package that others
 * depend on may not have. So this object names its archive itself, where the Swift driver reads what an
 * object wants to be linked with. Packaging/libsrtp2/build puts the archive there.
 */
#if defined(__aarch64__)
#define ARCHITECTURE "aarch64"
#elif defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#else
#error "libsrtp2 is built for aarch64 and x86_64 only"
#endif
__asm__(".pushsection .swift1_autolink_entries,\"e\",%progbits\n"
        ".asciz \"" LIBSRTP2_DIRECTORY "/lib/" ARCHITECTURE "/libsrtp2.a\"\n"
        ".popsection\n");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static srtp_err_status_t initialised = srtp_err_status_init_fail;

static void initialise(void) { initialised = srtp_init(); }

static csrtp_context *create(const uint8_t key[30], srtp_ssrc_type_t direction, int window) {
  pthread_once(&once, initialise);
  if (initialised != srtp_err_status_ok) return NULL;
  uint8_t copy[30];
  memcpy(copy, key, sizeof copy);
  srtp_policy_t policy;
  memset(&policy, 0, sizeof policy);
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  policy.ssrc.type = direction;
  policy.key = copy;
  policy.window_size = (unsigned long)window;
  /* A retransmission without RTX is the same packet again: same payload, so same ciphertext. */
  policy.allow_repeat_tx = direction == ssrc_any_outbound;
  srtp_t session = NULL;
  srtp_err_status_t status = srtp_create(&session, &policy);
  explicit_bzero(copy, sizeof copy);
  return status == srtp_err_status_ok ? (csrtp_context *)session : NULL;
}

csrtp_context *csrtp_sender_create(const uint8_t key[30]) {
  return create(key, ssrc_any_outbound, 1024);
}

csrtp_context *csrtp_receiver_create(const uint8_t key[30], int window) {
  return create(key, ssrc_any_inbound, window);
}

void csrtp_destroy(csrtp_context *context) {
  if (context != NULL) srtp_dealloc((srtp_t)context);
}

static int result(srtp_err_status_t status, int length) {
  switch (status) {
    case srtp_err_status_ok:
      return length;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
      return CSRTP_REPLAYED;
    default:
      return CSRTP_REFUSED;
  }
}

int csrtp_protect(csrtp_context *context, uint8_t *packet, int length) {
  srtp_err_status_t status = srtp_protect((srtp_t)context, packet, &length);
  return result(status, length);
}

int csrtp_protect_control(csrtp_context *context, uint8_t *packet, int length) {
  srtp_err_status_t status = srtp_protect_rtcp((srtp_t)context, packet, &length);
  return result(status, length);
}

int csrtp_unprotect(csrtp_context *context, uint8_t *packet, int length) {
  srtp_err_status_t status = srtp_unprotect((srtp_t)context, packet, &length);
  return result(status, length);
}

int csrtp_unprotect_control(csrtp_context *context, uint8_t *packet, int length) {
  srtp_err_status_t status = srtp_unprotect_rtcp((srtp_t)context, packet, &length);
  return result(status, length);
}
