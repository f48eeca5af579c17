// SPDX-License-Identifier: Apache-2.0
import RTP
import Testing
import Wire

@Suite struct ReceptionStatisticsTests {
  private var statistics = ReceptionStatistics(ssrc: SSRC(rawValue: 1))

  @discardableResult
  private mutating func receive(_ number: Int, at milliseconds: Int64 = 0) -> Bool {
    statistics.receive(
      SequenceNumber(rawValue: UInt16(truncatingIfNeeded: number)),
      timestamp: RTPTime(rawValue: 0),
      at: .zero + .milliseconds(milliseconds)
    )
  }

  @Test mutating func `counts wraps and losses`() {
    for number in 65_530..<65_546 where number % 4 != 0 { receive(number) }
    let block = statistics.takeReportBlock(at: .zero)
    #expect(block.highestSequenceNumber.rawValue == 65_545)
    #expect(block.cumulativeLost == 4)
    #expect(block.fractionLost == 64)
    let next = statistics.takeReportBlock(at: .zero)
    #expect(next.fractionLost == 0 && next.cumulativeLost == 4)
  }

  @Test mutating func `counts duplicates as negative loss and late packets as received`() {
    for number in [1, 2, 4, 3, 3, 3] { receive(number) }
    let block = statistics.takeReportBlock(at: .zero)
    #expect(block.cumulativeLost == -2)
    #expect(block.fractionLost == 0)
    #expect(block.highestSequenceNumber.rawValue == 4)
  }

  @Test mutating func `believes a jump only at its second packet`() {
    receive(100)
    #expect(!receive(30_100))
    #expect(receive(101))
    #expect(!receive(30_200))
    #expect(receive(30_201))
    #expect(statistics.highestSequenceNumber.rawValue == 30_201)
    #expect(statistics.cumulativeLost == 0)
  }

  @Test mutating func `smooths the variation of transit by a sixteenth`() {
    receive(1, at: 0)
    receive(2, at: 16)
    // 16 ms are 1,440 ticks; a sixteenth of them counts.
    #expect(statistics.jitter == 90)
    receive(3, at: 16)
    #expect(statistics.jitter == 84)
  }

  @Test mutating func `tells how long ago the last sender report came`() {
    receive(1)
    let report = RTCPPacket.SenderReport(
      ssrc: SSRC(rawValue: 1),
      ntp: 0x1111_2222_3333_4444,
      timestamp: RTPTime(rawValue: 0),
      packetCount: 1,
      octetCount: 1
    )
    statistics.receive(report, at: .zero + .seconds(1))
    let block = statistics.takeReportBlock(at: .zero + .milliseconds(1500))
    #expect(block.lastSenderReport == 0x2222_3333)
    #expect(block.delaySinceLastSenderReport == 32_768)
    #expect(statistics.takeReportBlock(at: .distantFuture).delaySinceLastSenderReport > 0)
    #expect(statistics.takeReportBlock(at: .distantPast).delaySinceLastSenderReport == 0)
  }
}
