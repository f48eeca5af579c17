// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

@Suite struct VideoSenderFeedbackTests {
  @Test func `sends a missing packet again by RTX with its original number in front`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue([12, 4, 9000], isKeyframe: true)
    let sent = harness.allPackets()
    let lost = try #require(sent[3].header)
    harness.nack([lost.sequenceNumber])
    let again = try #require(harness.nextPacket())
    let header = try #require(again.header)
    #expect(header.ssrc == VideoSenderHarness.rtx)
    #expect(header.payloadType.rawValue == 103)
    #expect(header.timestamp == lost.timestamp)
    #expect(header.marker == lost.marker)
    let number = lost.sequenceNumber.rawValue
    #expect(again.payload == [UInt8(number >> 8), UInt8(number & 0xFF)] + sent[3].payload)
    #expect(harness.nextPacket() == nil)
    harness.wait(.seconds(0.5))
    harness.nack([try #require(sent.last?.header).sequenceNumber])
    let next = try #require(harness.nextPacket()?.header)
    #expect(next.sequenceNumber == header.sequenceNumber.next)
    #expect(next.marker)
    #expect(harness.sender.statistics.retransmittedPacketsSent == 2)
    #expect(harness.sender.statistics.nackCount == 2)
  }

  @Test func `sends the very same packet again without RTX`() throws {
    let harness = VideoSenderHarness(rtx: false)
    harness.enqueue([12, 4, 9000], isKeyframe: true)
    let sent = harness.allPackets()
    harness.report(highest: try #require(sent.last?.header).sequenceNumber)
    for packet in sent {
      harness.nack([try #require(packet.header).sequenceNumber])
      #expect(harness.nextPacket() == packet)
    }
  }

  @Test func `sends retransmissions before media`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    let sent = harness.allPackets()
    harness.enqueue()
    harness.nack([try #require(sent[0].header).sequenceNumber])
    #expect(harness.nextPacket()?.header?.ssrc == VideoSenderHarness.rtx)
    #expect(harness.nextPacket()?.header?.ssrc == VideoSenderHarness.media)
  }

  @Test func `sends a packet again once within a round trip and never after a second`() throws {
    let harness = VideoSenderHarness()
    harness.sender.assume(roundTripTime: .milliseconds(50))
    harness.enqueue(isKeyframe: true)
    let number = try #require(harness.allPackets()[0].header).sequenceNumber
    harness.nack([number, number])
    #expect(harness.allPackets().count == 1)
    harness.wait(.milliseconds(37))
    harness.nack([number])
    #expect(!harness.sender.hasPackets)
    harness.wait(.milliseconds(1))
    harness.nack([number])
    #expect(harness.allPackets().count == 1)
    harness.wait(.milliseconds(1001))
    harness.nack([number])
    #expect(!harness.sender.hasPackets)
    #expect(harness.sender.statistics.retransmissionsRefused == 3)
  }

  @Test func `gives retransmission a quarter of what was sent and a few packets to begin with`() {
    let harness = VideoSenderHarness()
    harness.enqueue([100_000], isKeyframe: true)
    let numbers = harness.allPackets().compactMap { $0.header?.sequenceNumber }
    harness.nack(numbers)
    _ = harness.allPackets()
    let statistics = harness.sender.statistics
    #expect(statistics.retransmittedBytesSent <= 25_000 + 8 * 1200 + 1500)
    #expect(statistics.retransmittedBytesSent > 25_000)
    #expect(statistics.retransmissionsRefused > 0)
  }

  @Test func `sends nothing again for numbers never sent or without negotiation`() {
    let harness = VideoSenderHarness()
    harness.nack([SequenceNumber(rawValue: 0)])
    harness.enqueue(isKeyframe: true)
    let numbers = harness.allPackets().compactMap { $0.header?.sequenceNumber }
    harness.nack([numbers[0] + 40_000, numbers[numbers.count - 1].next])
    #expect(!harness.sender.hasPackets)
    let without = VideoSenderHarness { $0.supportsNACK = false }
    without.enqueue(isKeyframe: true)
    without.nack(without.allPackets().compactMap { $0.header?.sequenceNumber })
    #expect(!without.sender.hasPackets)
  }

  @Test func `makes one request of a storm of PLI`() {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    _ = harness.allPackets()
    harness.wait(.seconds(1))
    var requests = 0
    for _ in 0..<30 {
      harness.pli()
      if harness.takeKeyframeRequest() { requests += 1 }
      harness.wait(.milliseconds(5))
    }
    #expect(requests == 1)
    #expect(harness.sender.statistics.pliCount == 30)
    harness.enqueue([60_000], isKeyframe: true)
    harness.pli()
    #expect(!harness.takeKeyframeRequest(), "a keyframe is on its way")
    _ = harness.allPackets()
    harness.wait(.milliseconds(10))
    harness.pli()
    #expect(!harness.takeKeyframeRequest(), "the request and the keyframe crossed")
    harness.wait(.milliseconds(15))
    harness.pli()
    #expect(harness.takeKeyframeRequest(), "the keyframe was lost")
  }

  @Test func `takes a FIR once for each of its numbers`() {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    _ = harness.allPackets()
    func fir(_ number: UInt8, _ media: SSRC = VideoSenderHarness.media) -> RTCPPacket {
      .fullIntraRequest(
        sender: VideoSenderHarness.receiver,
        [.init(ssrc: media, number: number)]
      )
    }
    harness.wait(.seconds(1))
    harness.receive(fir(9))
    #expect(harness.takeKeyframeRequest())
    harness.enqueue(isKeyframe: true)
    _ = harness.allPackets()
    harness.wait(.seconds(1))
    harness.receive(fir(9))
    harness.receive(fir(10, SSRC(rawValue: 99)))
    #expect(!harness.takeKeyframeRequest())
    harness.receive(fir(10))
    #expect(harness.takeKeyframeRequest())
    #expect(harness.sender.statistics.firCount == 2)
  }

  @Test func `learns loss, jitter and round trip from a report`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    let last = try #require(harness.packets().last?.header)
    guard case .senderReport(let report)? = harness.control()?.first else {
      Issue.record("no sender report")
      return
    }
    harness.wait(.milliseconds(1060))
    harness.report(
      highest: last.sequenceNumber,
      lastSenderReport: UInt32(truncatingIfNeeded: report.ntp >> 16),
      delay: 65_536
    )
    let remote = try #require(harness.sender.statistics.remote)
    #expect(remote.fractionLost == 0.25)
    #expect(remote.packetsLost == 5)
    #expect(remote.jitter == .milliseconds(10))
    #expect(remote.roundTripTime == .milliseconds(60))
    harness.report(highest: last.sequenceNumber, lastSenderReport: 0xDEAD_BEEF, delay: 1)
    harness.report(
      highest: last.sequenceNumber,
      lastSenderReport: UInt32(truncatingIfNeeded: report.ntp >> 16),
      delay: .max
    )
    #expect(harness.sender.statistics.remote?.roundTripTime == .milliseconds(60))
    #expect(harness.sender.statistics.remote?.roundTripTimeMeasurements == 1)
  }

  @Test func `believes no report of packets never sent`() throws {
    let harness = VideoSenderHarness()
    harness.report(highest: SequenceNumber(rawValue: 1))
    harness.enqueue(isKeyframe: true)
    let headers = harness.allPackets().compactMap(\.header)
    harness.report(highest: try #require(headers.last).sequenceNumber.next)
    harness.report(highest: headers[0].sequenceNumber + 65_535)
    #expect(harness.sender.statistics.malformed == 3)
    #expect(harness.sender.statistics.remote == nil)
    harness.enqueue()
    #expect(harness.nextPacket()?.header?.extensions != nil, "not acknowledged by a lie")
  }

  @Test func `keeps REMB and the lowest TMMBR, and ignores other streams`() {
    let harness = VideoSenderHarness()
    let other = SSRC(rawValue: 9)
    let media = VideoSenderHarness.media
    harness.receive(
      .receiverEstimatedMaximumBitrate(sender: other, .kilobits(900), media: [other, media])
    )
    harness.receive(
      .receiverEstimatedMaximumBitrate(sender: other, .kilobits(100), media: [other])
    )
    #expect(harness.sender.receiverEstimate == .kilobits(900))
    func request(_ sender: UInt32, _ kilobits: Int) -> RTCPPacket {
      .temporaryMaximumBitrateRequest(
        sender: SSRC(rawValue: sender),
        [.init(ssrc: media, bitrate: .kilobits(kilobits), overhead: 40)]
      )
    }
    harness.receive(request(1, 500))
    harness.receive(request(2, 800))
    #expect(harness.sender.requestedLimit == .kilobits(500))
    harness.receive(request(1, 700))
    #expect(harness.sender.requestedLimit == .kilobits(700))
    harness.receive(.pictureLossIndication(sender: other, media: other))
    harness.receive(.genericNACK(sender: other, media: other, [.init(first: .init(rawValue: 1))]))
    #expect(harness.sender.statistics.pliCount == 0 && harness.sender.statistics.nackCount == 0)
  }
}
