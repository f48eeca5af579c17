// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// What has become of the peers' offers, over whatever signalling they came, and of their calls for ours.
struct OfferCounters: Hashable, Sendable {
  /// Answered, or ours made.
  var accepted: UInt64 = 0
  /// Turned down, with a sentence that says why.
  var refused: UInt64 = 0
  /// Of those accepted: gave way to a newer one before they connected (T15).
  var evicted: UInt64 = 0
  /// Of those accepted: did not connect in time.
  var expired: UInt64 = 0

  mutating func count(_ admission: ViewerAdmission) {
    switch admission {
    case .answered: accepted &+= 1
    case .refused: refused &+= 1
    }
  }

  /// The member `offers` of `/stats`.
  var report: JSONValue {
    .object([
      "accepted": .integer(Int64(clamping: accepted)),
      "refused": .integer(Int64(clamping: refused)),
      "evicted": .integer(Int64(clamping: evicted)),
      "expired": .integer(Int64(clamping: expired)),
    ])
  }
}
