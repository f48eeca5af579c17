// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// How long the receiver is to hold pictures back, as the playout-delay extension tells it.
///
///     | id:4 | 2 | least:12 | most:12 |     in 10 ms
struct PlayoutDelay: Hashable, Sendable {
  /// Every picture is shown as soon as it is whole.
  static let none = PlayoutDelay(least: 0, most: 0)
  /// What a receiver needs to notice that its request or the answer was lost, beside round trips.
  private static let notice: Int64 = 40
  private static let longest: Int64 = 400

  /// In hundredths of a second.
  let least: UInt8
  /// In hundredths of a second.
  let most: UInt8

  private init(least: UInt8, most: UInt8) {
    self.least = least
    self.most = most
  }

  /// So long that a packet which has to be asked for twice still comes in time.
  init(coveringRoundTrips roundTripTime: Duration) {
    let needed = Self.notice + 2 * min(roundTripTime.inNanoseconds / 1_000_000, Self.longest)
    // Steps of 20 ms, so that a round trip which varies a little changes nothing.
    least = UInt8((min(needed, Self.longest) + 19) / 20 * 2)
    most = least + 10
  }

  /// Whether `other` is so near that telling it is not worth while.
  func isNear(_ other: PlayoutDelay) -> Bool {
    self == other
      || (least > 0 && other.least > 0 && least.distance(to: other.least).magnitude <= 2)
  }

  /// Appends the element's value.
  @_lifetime(slot: copy slot)
  func write(into slot: inout OutputSpan<UInt8>) {
    let both = UInt32(least) << 12 | UInt32(most)
    slot.append(UInt8(truncatingIfNeeded: both >> 16))
    slot.append(bigEndian: UInt16(truncatingIfNeeded: both))
  }
}
