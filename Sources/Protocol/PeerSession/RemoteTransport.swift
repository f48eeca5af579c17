// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import SDP

/// The peer's end of the one transport, as its offer describes it.
struct RemoteTransport: Hashable, Sendable {
  let credentials: ICECredentials
  let fingerprints: [DTLSFingerprint]
  /// What the offer says in `a=setup`.
  let offered: SetupRole
  /// Our role in DTLS: the client wherever the offer leaves it to us.
  let role: DTLSRole

  /// Reads what holds for `line`: its own attributes, or where it has no ICE credentials those of
  /// the m-line that its bundle group names first (RFC 9143 section 7.1.3).
  init(of line: MediaDescription, in offer: SessionDescription) throws(NegotiationError) {
    var transport = line.transport
    if transport.usernameFragment == nil, let mid = line.mid,
      let tag = offer.bundleGroups.first(where: { $0.contains(mid) })?.first,
      let tagged = offer.effectiveMedia.first(where: { $0.mid == tag })
    {
      transport = tagged.transport
    }
    guard let fragment = transport.usernameFragment, let password = transport.password else {
      throw .unusable("The offer has no ICE credentials (a=ice-ufrag and a=ice-pwd).")
    }
    credentials = ICECredentials(usernameFragment: fragment, password: password)
    guard credentials.isWellFormed else {
      throw .unusable("The offer's ICE credentials have characters that RFC 8839 does not allow.")
    }
    fingerprints = transport.fingerprints.compactMap { DTLSFingerprint(parsing: $0) }
    guard !fingerprints.isEmpty else {
      throw .unusable(
        "The offer has no DTLS fingerprint (a=fingerprint): nothing is sent unencrypted."
      )
    }
    offered = transport.setup ?? .actpass
    switch offered {
    case .passive, .actpass: role = .client
    case .active: role = .server
    case .holdconn: throw .unusable("The offer's a=setup:holdconn asks for no connection.")
    }
  }
}
