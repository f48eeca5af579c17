// SPDX-License-Identifier: Apache-2.0

/// What a jitter buffer has taken and given.
///
/// Names and meanings are those of W3C's `inbound-rtp` statistics; counts of samples are in ticks of
/// the codec's clock.
public struct JitterBufferStatistics: Hashable, Sendable {
  /// The time that each tick of sound has spent in the buffer, summed up.
  public var jitterBufferDelay: Duration = .zero
  /// The time that it was meant to spend, summed up.
  public var jitterBufferTargetDelay: Duration = .zero
  /// Samples that have left the buffer; the sums divided by it are means.
  public var jitterBufferEmittedCount: UInt64 = 0
  /// Samples that were to be played since the first packet, concealed ones included.
  public var totalSamplesReceived: UInt64 = 0
  /// Samples that were made up because none had come in time.
  public var concealedSamples: UInt64 = 0
  /// Those of them that were silence or comfort noise.
  public var silentConcealedSamples: UInt64 = 0
  /// How often samples had to be made up, however many in a row.
  public var concealmentEvents: UInt64 = 0
  /// Samples left out to play sooner.
  public var removedSamplesForAcceleration: UInt64 = 0
  /// Packets that came too late or were left out.
  public var packetsDiscarded: UInt64 = 0
  /// Packets that had come before.
  public var packetsDuplicated: UInt64 = 0
  /// Lost packets that the one behind them made good.
  public var packetsRecovered: UInt64 = 0
  /// How often another source, or the same with other numbers, has begun.
  public var restarts: UInt64 = 0

  /// Creates statistics of a buffer that has seen nothing.
  public init() {}
}
