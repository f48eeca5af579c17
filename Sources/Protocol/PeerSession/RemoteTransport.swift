// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import SDP

/// The peer's end of the one transport, as its offer or answer describes it.
struct RemoteTransport: Hashable, Sendable {
  /// What a transport is read from.
  enum Source: String, Hashable, Sendable {
    case offer
    case answer
  }

  let source: Source
  let credentials: ICECredentials
  let fingerprints: [DTLSFingerprint]
  /// What it says in `a=setup`.
  let stated: SetupRole
  /// Our role in DTLS: the client wherever it is left to us.
  var role: DTLSRole

  /// Reads what holds for `line`: its own attributes, or where it has no ICE credentials those of
  /// the m-line that its bundle group names first (RFC 9143 section 7.1.3).
  init(
    of line: MediaDescription,
    in description: SessionDescription,
    _ source: Source
  ) throws(NegotiationError) {
    let word = source.rawValue
    var transport = line.transport
    if transport.usernameFragment == nil, let mid = line.mid,
      let tag = description.bundleGroups.first(where: { $0.contains(mid) })?.first,
      let tagged = description.effectiveMedia.first(where: { $0.mid == tag })
    {
      transport = tagged.transport
    }
    guard let fragment = transport.usernameFragment, let password = transport.password else {
      throw .unusable("The \(word) has no ICE credentials (a=ice-ufrag and a=ice-pwd).")
    }
    self.source = source
    credentials = ICECredentials(usernameFragment: fragment, password: password)
    guard credentials.isWellFormed else {
      throw .unusable("The \(word)'s ICE credentials have characters that RFC 8839 does not allow.")
    }
    fingerprints = transport.fingerprints.compactMap { DTLSFingerprint(parsing: $0) }
    guard !fingerprints.isEmpty else {
      throw .unusable(
        "The \(word) has no DTLS fingerprint (a=fingerprint): nothing is sent unencrypted."
      )
    }
    // Unsaid, an offerer leaves the choice, and an answerer waits (RFC 4145 section 4.1).
    stated = transport.setup ?? (source == .offer ? .actpass : .passive)
    switch stated {
    case .passive: role = .client
    case .actpass where source == .offer: role = .client
    case .actpass: throw .unusable("The answer leaves the DTLS roles open (a=setup:actpass).")
    case .active: role = .server
    case .holdconn: throw .unusable("The \(word)'s a=setup:holdconn asks for no connection.")
    }
  }
}
