// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import SDP

/// What names one generation of a session's ICE: a strong entity tag (RFC 9725 section 4.3.1, RFC 9110
/// section 8.8.3).
///
/// Our user name fragment is as unique as the generation itself, and the peer knows it anyway.
struct EntityTag: Hashable, Sendable, CustomStringConvertible {
  /// The tag as `ETag` says it, in quotation marks.
  let description: String

  /// The tag of our description `local`; `nil` where it has no credentials.
  init?(of local: SessionDescription) {
    guard let name = local.effectiveMedia.lazy.compactMap(\.usernameFragment).first else {
      return nil
    }
    description = "\"\(name)\""
  }

  /// Why a request with the condition of `headers` is not for this generation: 428 without a
  /// condition, 412 with another one.
  ///
  /// `*` fits any; it is taken in quotation marks too, as the example of the WHEP draft has it.
  /// `W/` never fits: the comparison is strong.
  func refusal(of headers: HTTPHeaders) -> HTTPRefusal? {
    let tags = headers.list(of: "If-Match")
    guard !tags.isEmpty else {
      return HTTPRefusal(428, "Say which ICE session is meant: If-Match with the last ETag, or *.")
    }
    guard !tags.contains(where: { $0 == "*" || $0 == "\"*\"" || $0 == description }) else {
      return nil
    }
    return HTTPRefusal(412, "The ICE session that If-Match names is not the current one.")
  }
}
