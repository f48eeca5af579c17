// SPDX-License-Identifier: Apache-2.0
internal import ICE

extension PeerSession {
  /// Begins another generation of ICE (RFC 8445 section 9): new credentials, and candidates gathered
  /// anew, since a changed network is the usual reason.
  ///
  /// DTLS and SRTP know nothing of it. Data goes the old way until a new pair is valid.
  mutating func restartICE(with credentials: ICECredentials) {
    ice.restart(with: credentials)
    ice.forgetLocalCandidates()
    negotiation.localCandidates = []
    negotiation.hasAllLocalCandidates = false
  }
}
