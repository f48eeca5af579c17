// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// How the path treats the stream, by the receiver's reports, and what is to be done about it.
struct PathEstimate: Sendable {
  /// What helps against loss, in the order of what it costs.
  enum Remedy: Sendable {
    /// Packets are sent again when they are asked for.
    case repetition
    /// A gap at the end of a picture shows only when the next one comes: the last packet is sent twice.
    case copies
    /// Repairs come too late for many pictures: the receiver is to hold all of them back.
    case delay
  }

  /// The packets that reports must cover before a share is taken of them: some browsers report after
  /// a few, of which one is a third.
  private static let sample: UInt16 = 128
  /// The share of lost packets below which copies end, and the one that calls for them.
  private static let noticeable = 0.005...0.01
  /// The same for a delay: milliseconds by which the packets are late on average.
  private static let late = 0.2...0.3
  /// What a repair takes beside the round trip.
  private static let repair: Duration = .milliseconds(3)

  /// The share of packets lost, 0 to 1: soon believed, slowly forgotten.
  private(set) var loss = 0.0
  /// There and back, smoothed; `nil` before it is known.
  private(set) var roundTripTime: Duration?
  /// What is to be done.
  private(set) var remedy = Remedy.repetition
  /// Where the sample begins.
  private var begin: (highest: SequenceNumber, lost: Int32)?

  /// Takes what a report tells, whose numbers have been found plausible, and the round-trip time.
  mutating func update(with block: RTCPPacket.ReportBlock, roundTripTime measured: Duration?) {
    countLosses(block)
    // A busy moment at either end makes a trip long, nothing makes it short.
    if let measured {
      let known = roundTripTime ?? measured
      roundTripTime = known + (measured - known) / (measured < known ? 2 : 8)
    }
    let time = (roundTripTime ?? VideoSender.assumedRoundTripTime) + Self.repair
    let lateness = loss * time.inSeconds * 1000
    if lateness >= (remedy == .delay ? Self.late.lowerBound : Self.late.upperBound) {
      remedy = .delay
    } else if loss
      >= (remedy == .repetition ? Self.noticeable.upperBound : Self.noticeable.lowerBound)
    {
      remedy = .copies
    } else {
      remedy = .repetition
    }
  }

  private mutating func countLosses(_ block: RTCPPacket.ReportBlock) {
    let highest = block.highestSequenceNumber.sequenceNumber
    guard let (first, lostBefore) = begin, highest.distance(after: first) < 0x8000 else {
      begin = (highest, block.cumulativeLost)
      return
    }
    let expected = highest.distance(after: first)
    guard expected >= Self.sample else { return }
    begin = (highest, block.cumulativeLost)
    // Packets that come twice make the sum smaller, and a lie anything.
    let lost = Double(block.cumulativeLost) - Double(lostBefore)
    let share = min(max(0, lost / Double(expected)), 1)
    // A bad second counts half at once, and an eighth less with each one after it.
    loss += (share - loss) * (share > loss ? 0.5 : 0.125)
  }
}
