// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import SDP

/// What the body of a `PATCH` says of a session's ICE: more candidates, or other credentials, which
/// restart it (RFC 9725 section 4.3, RFC 8840 section 4.4).
struct ICEUpdate: Hashable, Sendable {
  /// The media type of such a body.
  static let mediaType = "application/trickle-ice-sdpfrag"

  /// The peer's credentials of the generation that the body belongs to.
  let usernameFragment: String
  let password: String
  /// The first of the session's m-lines that the body names.
  let mid: String
  /// Values of `a=candidate`, in order.
  let candidates: [String]
  /// Whether no more will come.
  let isEndOfCandidates: Bool

  /// Reads `body` as a fragment that belongs to `offer`; m-lines that the offer does not have are
  /// passed over.
  ///
  /// - Throws: 400 for what is no fragment, 422 for one that does not fit.
  init(parsing body: [UInt8], for offer: SessionDescription) throws(HTTPRefusal) {
    let fragment: SDPFragment
    do {
      fragment = try SDPFragment(parsing: String(decoding: body, as: UTF8.self))
    } catch {
      throw HTTPRefusal(400, "The \(error).")
    }
    let mids = Set(offer.media.compactMap(\.mid))
    let known = fragment.effectiveMedia.filter { $0.mid.map(mids.contains) == true }
    guard let first = known.first, let mid = first.mid else {
      throw HTTPRefusal(422, "The fragment names no m-line of the session (a=mid).")
    }
    guard let usernameFragment = first.usernameFragment, let password = first.password else {
      throw HTTPRefusal(422, "The fragment has no ICE credentials (a=ice-ufrag and a=ice-pwd).")
    }
    let isOne = known.allSatisfy {
      $0.usernameFragment == usernameFragment && $0.password == password
    }
    guard isOne else {
      throw HTTPRefusal(422, "The fragment's m-lines differ in their ICE credentials.")
    }
    self.mid = mid
    self.usernameFragment = usernameFragment
    self.password = password
    candidates = known.flatMap(\.candidates)
    isEndOfCandidates = known.contains(where: \.isEndOfCandidates)
  }

  /// Whether the credentials are others than those of `offer`.
  func restarts(_ offer: SessionDescription) -> Bool {
    !offer.effectiveMedia.contains {
      $0.usernameFragment == usernameFragment && $0.password == password
    }
  }

  /// `offer` once more, with nothing changed but its ICE: the fragment's credentials in place of all
  /// others, and at most `limit` of the fragment's candidates in place of the old ones.
  func restarting(_ offer: SessionDescription, limit: Int) -> SessionDescription {
    var result = offer
    replace(&result.transport)
    for index in result.media.indices {
      replace(&result.media[index].transport)
      let isNamed = result.media[index].mid == mid
      result.media[index].candidates = isNamed ? Array(candidates.prefix(limit)) : []
      result.media[index].isEndOfCandidates = isNamed && isEndOfCandidates
    }
    return result
  }

  private func replace(_ transport: inout TransportDescription) {
    guard transport.usernameFragment != nil || transport.password != nil else { return }
    transport.usernameFragment = usernameFragment
    transport.password = password
  }

  /// The fragment that answers a restart: credentials and candidates of the answer `local`.
  static func answer(from local: SessionDescription) -> SDPFragment {
    var fragment = SDPFragment()
    fragment.other = local.bundleGroups.map { "group:BUNDLE \($0.joined(separator: " "))" }
    for line in local.effectiveMedia where !line.candidates.isEmpty || line.isEndOfCandidates {
      fragment.transport.iceOptions = line.iceOptions
      var section = MediaDescription(
        kind: line.kind,
        port: line.port,
        proto: line.proto,
        formats: line.formats
      )
      section.connection = nil
      section.mid = line.mid
      section.usernameFragment = line.usernameFragment
      section.password = line.password
      section.candidates = line.candidates
      section.isEndOfCandidates = line.isEndOfCandidates
      fragment.media.append(section)
    }
    return fragment
  }
}

/// Why a request is refused: an HTTP status, and a sentence for a person.
struct HTTPRefusal: Error, Hashable, Sendable {
  var status: Int
  var reason: String

  init(_ status: Int, _ reason: String) {
    self.status = status
    self.reason = reason
  }

  /// The refusal as an answer; whoever finds no place is asked back.
  var response: HTTPResponse {
    let response = HTTPResponse.sentence(status, reason)
    return status == 503 ? response.with("Retry-After", "5") : response
  }
}
