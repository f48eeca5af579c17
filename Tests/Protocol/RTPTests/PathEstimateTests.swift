// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import RTP

/// A path, and the reports about it.
private struct Reported {
  var path = PathEstimate()
  private var highest: UInt32 = 60_000
  private var lost: Int32 = 0

  /// Reports of `packets` each, of which `missing` were lost.
  mutating func report(
    _ missing: Int32,
    of packets: UInt32 = 200,
    _ roundTrip: Duration?,
    times: Int = 1
  ) {
    for _ in 0..<times {
      highest &+= packets
      lost &+= missing
      let block = RTCPPacket.ReportBlock(
        ssrc: SSRC(rawValue: 1),
        fractionLost: 0,
        cumulativeLost: lost,
        highestSequenceNumber: ExtendedSequenceNumber(rawValue: highest),
        jitter: 0,
        lastSenderReport: 0,
        delaySinceLastSenderReport: 0
      )
      path.update(with: block, roundTripTime: roundTrip)
    }
  }
}

@Suite struct PathEstimateTests {
  private func estimate(_ missing: Int32, _ roundTrip: Duration?) -> PathEstimate {
    var reported = Reported()
    reported.report(missing, roundTrip, times: 20)
    return reported.path
  }

  @Test func `does nothing about a clean path or a loss now and then`() {
    #expect(PathEstimate().remedy == .repetition)
    #expect(estimate(0, .milliseconds(500)).remedy == .repetition)
    var reported = Reported()
    for second in 0..<100 {
      reported.report(second % 10 == 0 ? 1 : 0, .milliseconds(2))
      #expect(reported.path.remedy == .repetition)
    }
  }

  @Test func `spends bytes where repairs are quick and time where they are late`() {
    #expect(estimate(4, .milliseconds(1)).remedy == .copies)
    #expect(estimate(10, .milliseconds(1)).remedy == .copies)
    #expect(estimate(20, .milliseconds(1)).remedy == .delay)
    #expect(estimate(10, .milliseconds(20)).remedy == .delay)
    #expect(estimate(4, .milliseconds(100)).remedy == .delay)
    #expect(estimate(10, nil).remedy == .delay)
  }

  @Test func `counts the losses of many packets, however few each report covers`() {
    var reported = Reported()
    for _ in 0..<100 {
      reported.report(1, of: 4, .milliseconds(1))
      reported.report(0, of: 76, .milliseconds(1))
    }
    #expect(reported.path.remedy != .repetition)
    #expect(reported.path.loss > 0.005 && reported.path.loss < 0.02)
  }

  @Test func `believes in loss at once and forgets it after seconds`() {
    var reported = Reported()
    reported.report(0, .milliseconds(1))
    reported.report(10, .milliseconds(1))
    #expect(reported.path.remedy == .copies)
    var seconds = 0
    while reported.path.remedy != .repetition, seconds < 60 {
      reported.report(0, .milliseconds(1))
      seconds += 1
    }
    #expect((5...20).contains(seconds))
  }

  @Test func `does not waver between two remedies`() {
    var reported = Reported()
    reported.report(10, .milliseconds(8), times: 20)
    for second in 0..<60 as Range<Int32> {
      reported.report(4 + second % 2 * 4, .milliseconds(5))
      #expect(reported.path.remedy == .delay)
    }
  }

  @Test func `smooths round trips, longer ones more than shorter ones`() {
    var reported = Reported()
    reported.report(0, .milliseconds(10))
    reported.report(0, .milliseconds(90))
    #expect(reported.path.roundTripTime == .milliseconds(20))
    reported.report(0, nil)
    #expect(reported.path.roundTripTime == .milliseconds(20))
    reported.report(0, .milliseconds(10))
    #expect(reported.path.roundTripTime == .milliseconds(15))
  }

  @Test func `keeps a share for a share, whatever is reported`() {
    var reported = Reported()
    for missing: Int32 in [.max, .min, 1, .max, 0, -1, .min] {
      reported.report(missing, .seconds(1))
      #expect(reported.path.loss >= 0 && reported.path.loss <= 1)
    }
  }
}
