// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

/// What a sender does about loss that is reported.
@Suite struct VideoSenderLossTests {
  /// A picture of so many bytes fills as many packets as a report must be about.
  private let large = 180_000

  /// Sends pictures and hears a report after each, until loss and round trip are believed.
  private func harness(
    lost: Int32,
    roundTrip: Duration,
    rtx: Bool = true,
    _ change: (inout VideoSender.Configuration) -> Void = { _ in }
  ) throws -> VideoSenderHarness {
    let harness = VideoSenderHarness(rtx: rtx, change)
    harness.enqueue([large], isKeyframe: true)
    for round in 1...8 as ClosedRange<Int32> {
      let packets = harness.allPackets()
      harness.wait(.seconds(2))
      let last = packets.last { $0.header?.ssrc == VideoSenderHarness.media }
      let number = try #require(last?.header)
      guard case .senderReport(let report)? = harness.control()?.first else {
        Issue.record("no sender report")
        break
      }
      harness.wait(roundTrip)
      harness.report(
        highest: number.sequenceNumber,
        cumulativeLost: lost * round,
        lastSenderReport: UInt32(truncatingIfNeeded: report.ntp >> 16)
      )
      _ = harness.allPackets()
      harness.enqueue([large])
    }
    _ = harness.allPackets()
    harness.wait(.milliseconds(100))
    _ = harness.packets()
    return harness
  }

  private func playoutDelay(of packet: [UInt8]?) -> [UInt8]? {
    guard let packet, let header = packet.header else { return nil }
    var elements = RTPExtensions(of: packet.span, header: header)
    while let element = elements.next() {
      if element.id == 6 { return Array(packet[element.value]) }
    }
    return nil
  }

  @Test func `sends the last packet of a picture twice where repairs are quick`() throws {
    let harness = try harness(lost: 8, roundTrip: .milliseconds(1))
    harness.enqueue([5000])
    let sent = harness.packets()
    #expect(sent.allSatisfy { $0.header?.ssrc == VideoSenderHarness.media })
    let due = try #require(harness.sender.deadline)
    #expect(due - harness.now > .milliseconds(2) && due - harness.now < .milliseconds(10))
    harness.now = due
    let copy = try #require(harness.nextPacket())
    #expect(copy.header?.ssrc == VideoSenderHarness.rtx)
    #expect(copy.header?.marker == true)
    #expect(Array(copy.payload.dropFirst(2)) == sent.last?.payload)
    #expect(harness.nextPacket() == nil)
    #expect(playoutDelay(of: sent[0]) == nil)
  }

  @Test func `leaves the copy out where the packet was asked for meanwhile`() throws {
    let harness = try harness(lost: 8, roundTrip: .milliseconds(1))
    harness.enqueue([5000])
    let number = try #require(harness.packets().last?.header).sequenceNumber
    harness.nack([number])
    #expect(harness.packets().count == 1)
    harness.wait(.milliseconds(20))
    #expect(harness.packets().isEmpty)
  }

  @Test func `sends nothing unasked without loss, without RTX or without NACK`() throws {
    let harnesses = [
      try harness(lost: 0, roundTrip: .milliseconds(1)),
      try harness(lost: 8, roundTrip: .milliseconds(1), rtx: false),
      try harness(lost: 8, roundTrip: .milliseconds(1)) { $0.supportsNACK = false },
    ]
    for harness in harnesses {
      harness.enqueue([5000])
      let sent = harness.packets()
      #expect(playoutDelay(of: sent[0]) == nil)
      harness.wait(.milliseconds(20))
      #expect(harness.packets().isEmpty)
    }
  }

  @Test func `keeps copies within a quarter of what was sent`() throws {
    let harness = try harness(lost: 8, roundTrip: .milliseconds(1))
    let before = harness.sender.statistics
    for _ in 0..<300 {
      harness.enqueue([900])
      _ = harness.packets()
      harness.wait(.milliseconds(33))
      _ = harness.packets()
    }
    let after = harness.sender.statistics
    let again = after.retransmittedBytesSent - before.retransmittedBytesSent
    let first = after.bytesSent - before.bytesSent - again
    #expect(again * 4 <= first + 4 * 64 * 1200)
    #expect(again > 0)
  }

  @Test func `has pictures held back where repairs are late, until the receiver knows`() throws {
    let harness = try harness(lost: 8, roundTrip: .milliseconds(20))
    harness.enqueue()
    #expect(playoutDelay(of: harness.packets().first) == nil)
    harness.enqueue(isKeyframe: true)
    // 80 to 180 ms, in twelve bits each.
    #expect(playoutDelay(of: harness.packets().first) == [0x00, 0x80, 0x12])
    harness.wait(.milliseconds(20))
    #expect(harness.packets().isEmpty)
  }

  @Test func `takes the delay back once nothing is lost any more`() throws {
    let harness = try harness(lost: 8, roundTrip: .milliseconds(20))
    for _ in 0..<40 {
      harness.enqueue([large])
      let number = try #require(harness.allPackets().last?.header).sequenceNumber
      harness.wait(.seconds(1))
      harness.report(highest: number, cumulativeLost: 64)
    }
    harness.enqueue(isKeyframe: true)
    #expect(playoutDelay(of: harness.packets().first) == [0, 0, 0])
  }

  @Test func `sends a packet again with the delay that it was sent with`() throws {
    let harness = VideoSenderHarness(rtx: false)
    harness.enqueue(isKeyframe: true)
    let sent = harness.allPackets()
    harness.report(highest: try #require(sent.last?.header).sequenceNumber)
    harness.enqueue([large])
    let number = try #require(harness.allPackets().last?.header).sequenceNumber
    harness.report(highest: number, cumulativeLost: 65)
    for packet in sent {
      harness.nack([try #require(packet.header).sequenceNumber])
      #expect(harness.nextPacket() == packet)
    }
    harness.enqueue(isKeyframe: true)
    #expect(playoutDelay(of: harness.packets().first) != playoutDelay(of: sent[0]))
  }

  @Test func `spends copies where no delay can be told`() throws {
    let harness = try harness(lost: 8, roundTrip: .milliseconds(20)) {
      $0.playoutDelayExtensionID = nil
    }
    harness.enqueue([5000])
    _ = harness.packets()
    harness.wait(.milliseconds(6))
    #expect(harness.packets().count == 1)
  }
}
