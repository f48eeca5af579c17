// SPDX-License-Identifier: Apache-2.0

/// What the receiver of a stream has last reported about it.
///
/// The counts have the names of W3C's `remote-inbound-rtp` statistics.
public struct RemoteReceptionStatistics: Hashable, Sendable {
  /// Share of the packets lost since its report before, 0 to 1.
  public var fractionLost: Double = 0
  /// Packets lost since the beginning; duplicates can make it negative.
  public var packetsLost: Int64 = 0
  /// Variation of arrival times.
  public var jitter: Duration = .zero
  /// There and back, of the last report that echoes a sender report; `nil` before the first.
  public var roundTripTime: Duration?
  /// Reports that told a round-trip time.
  public var roundTripTimeMeasurements: UInt64 = 0
  /// Sum of all round-trip times told.
  public var totalRoundTripTime: Duration = .zero

  /// Creates statistics of a stream that nobody has reported about.
  public init() {}

  /// Takes a report block; `roundTripTime` is what it told, if it did.
  mutating func update(
    with block: RTCPPacket.ReportBlock,
    clockRate: Int,
    roundTripTime measured: Duration?
  ) {
    fractionLost = Double(block.fractionLost) / 256
    packetsLost = Int64(block.cumulativeLost)
    jitter = .nanoseconds(Int64(block.jitter) * 1_000_000_000 / Int64(max(1, clockRate)))
    guard let measured else { return }
    roundTripTime = measured
    roundTripTimeMeasurements &+= 1
    totalRoundTripTime += measured
  }
}
