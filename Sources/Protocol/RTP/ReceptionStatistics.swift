// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What a receiver counts about one RTP stream, and the report block it makes of it.
///
/// The method of RFC 3550 appendices A.1 (sequence numbers), A.3 (loss) and A.8 (jitter).
public struct ReceptionStatistics: Sendable {
  private static let maximumDropout: UInt16 = 3000
  private static let maximumMisorder: UInt16 = 100

  /// The stream.
  public let ssrc: SSRC
  /// RTP packets received, duplicates included.
  public private(set) var received: UInt64 = 0
  /// How often the sender has begun its numbers anew; each time the counts of loss began anew too.
  public private(set) var restarts: UInt64 = 0

  private let ticksPerSecond: Int64
  private var base: UInt32?
  private var highest: UInt32 = 0
  private var resumption: SequenceNumber?
  private var receivedSinceBase: UInt32 = 0
  private var expectedBefore: UInt32 = 0
  private var receivedBefore: UInt32 = 0
  private var transit: UInt32?
  /// Sixteen times the jitter, so that integers keep the fraction (appendix A.8).
  private var scaledJitter: UInt32 = 0
  private var senderReport: (ntp: UInt32, arrival: Timestamp)?

  /// Starts to count the stream `ssrc`, whose RTP clock has `clockRate` ticks in a second.
  public init(ssrc: SSRC, clockRate: Int = 90_000) {
    self.ssrc = ssrc
    ticksPerSecond = Int64(max(1, min(clockRate, 1_000_000)))
  }

  /// Counts a packet that arrived at `now`.
  ///
  /// Answers `false` for one far off the stream: only the second of two such packets in sequence is
  /// believed, and begins the counts anew (the sender has restarted).
  @discardableResult
  public mutating func receive(
    _ sequenceNumber: SequenceNumber,
    timestamp: RTPTime,
    at now: Timestamp
  ) -> Bool {
    guard base != nil else {
      restart(at: sequenceNumber)
      count(timestamp, at: now)
      return true
    }
    let step = sequenceNumber.distance(after: highestSequenceNumber.sequenceNumber)
    if step < Self.maximumDropout {
      highest &+= UInt32(step)
      resumption = nil
    } else if step <= UInt16.max - Self.maximumMisorder {
      guard resumption == sequenceNumber else {
        resumption = sequenceNumber.next
        return false
      }
      restart(at: sequenceNumber)
      restarts &+= 1
    }
    count(timestamp, at: now)
    return true
  }

  /// Remembers a sender report of the stream that arrived at `now`.
  public mutating func receive(_ report: RTCPPacket.SenderReport, at now: Timestamp) {
    guard report.ssrc == ssrc else { return }
    senderReport = (UInt32(truncatingIfNeeded: report.ntp >> 16), now)
  }

  /// The highest sequence number received, with its wraps.
  public var highestSequenceNumber: ExtendedSequenceNumber {
    ExtendedSequenceNumber(rawValue: highest)
  }

  /// The variation of arrival times, in ticks of the RTP clock.
  public var jitter: UInt32 { scaledJitter >> 4 }

  /// Packets expected less packets received; duplicates can make it negative.
  public var cumulativeLost: Int32 {
    let lost = Int32(truncatingIfNeeded: expected &- receivedSinceBase)
    return max(-0x80_0000, min(lost, 0x7F_FFFF))
  }

  /// The block for a report sent at `now`; begins the next interval of `fractionLost`.
  public mutating func takeReportBlock(at now: Timestamp) -> RTCPPacket.ReportBlock {
    let expected = self.expected
    let expectedNow = expected &- expectedBefore
    let lostNow = Int64(expectedNow) - Int64(receivedSinceBase &- receivedBefore)
    expectedBefore = expected
    receivedBefore = receivedSinceBase
    let fraction = expectedNow == 0 || lostNow <= 0 ? 0 : lostNow << 8 / Int64(expectedNow)
    var delay: UInt32 = 0
    if let senderReport {
      let elapsed = (now - senderReport.arrival).inNanoseconds
      let second = Int64(1_000_000_000)
      let bounded = max(0, min(elapsed, 65_535 * second))
      delay = UInt32(
        truncatingIfNeeded: bounded / second * 65_536 + bounded % second * 65_536 / second
      )
    }
    return .init(
      ssrc: ssrc,
      fractionLost: UInt8(min(255, fraction)),
      cumulativeLost: cumulativeLost,
      highestSequenceNumber: highestSequenceNumber,
      jitter: jitter,
      lastSenderReport: senderReport?.ntp ?? 0,
      delaySinceLastSenderReport: delay
    )
  }

  private var expected: UInt32 {
    guard let base else { return 0 }
    return highest &- base &+ 1
  }

  private mutating func restart(at sequenceNumber: SequenceNumber) {
    base = UInt32(sequenceNumber.rawValue)
    highest = UInt32(sequenceNumber.rawValue)
    resumption = nil
    receivedSinceBase = 0
    expectedBefore = 0
    receivedBefore = 0
    transit = nil
  }

  private mutating func count(_ timestamp: RTPTime, at now: Timestamp) {
    received &+= 1
    receivedSinceBase &+= 1
    let second = Int64(1_000_000_000)
    let whole = (now.nanoseconds / second) &* ticksPerSecond
    let arrival = whole &+ (now.nanoseconds % second) &* ticksPerSecond / second
    let transit = UInt32(truncatingIfNeeded: arrival) &- timestamp.rawValue
    defer { self.transit = transit }
    guard let before = self.transit else { return }
    let difference = Int32(truncatingIfNeeded: transit &- before).magnitude
    let decay = (scaledJitter &+ 8) >> 4
    scaledJitter = scaledJitter &+ difference &- decay
  }
}
