// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

@Suite struct VideoSenderReportsTests {
  @Test func `reports right after the first packet and then about every second`() throws {
    let harness = VideoSenderHarness()
    #expect(harness.control() == nil)
    #expect(harness.sender.deadline == nil)
    harness.enqueue(isKeyframe: true)
    _ = harness.nextPacket()
    #expect(harness.control() != nil)
    #expect(harness.control() == nil)
    _ = harness.allPackets()
    let start = harness.now
    for _ in 0..<100 {
      let before = harness.now
      harness.now = try #require(harness.sender.deadline)
      #expect(harness.now - before >= .milliseconds(499))
      #expect(harness.now - before <= .milliseconds(1500))
      #expect(harness.control() != nil)
    }
    let mean = (harness.now - start).inSeconds / 100
    #expect(mean > 0.9 && mean < 1.1)
  }

  @Test func `says what was sent, when in both clocks, and by whom`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue([2000], isKeyframe: true)
    let packets = harness.allPackets()
    harness.wait(.milliseconds(500))
    let compound = try #require(harness.control())
    guard case .senderReport(let report) = compound[0],
      case .sourceDescription(let descriptions) = compound[1]
    else {
      Issue.record("not SR and SDES: \(compound)")
      return
    }
    #expect(report.ssrc == VideoSenderHarness.media)
    #expect(report.packetCount == UInt32(packets.count))
    #expect(report.octetCount == UInt32(packets.reduce(0) { $0 + $1.payload.count }))
    // The frame was captured at 10 s; the report's instant lies 90 ticks for each ms later.
    let captured = try #require(packets[0].header).timestamp
    let elapsed = harness.now - (Timestamp.zero + .seconds(10))
    #expect(Double(report.timestamp - captured) == (elapsed.inSeconds * 90_000).rounded(.down))
    #expect(report.ntp == WallClock(unixNanoseconds: harness.now.nanoseconds).ntp)
    #expect(descriptions.map(\.canonicalName) == ["camera", "camera"])
    #expect(descriptions.map(\.ssrc) == [VideoSenderHarness.media, VideoSenderHarness.rtx])
    #expect(descriptions[0].mid == "0")
  }

  @Test func `counts only the media stream in its reports`() throws {
    for rtx in [true, false] {
      let harness = VideoSenderHarness(rtx: rtx)
      harness.enqueue(isKeyframe: true)
      let packets = harness.allPackets()
      harness.nack([try #require(packets[0].header).sequenceNumber])
      #expect(harness.allPackets().count == 1)
      guard case .senderReport(let report)? = harness.control()?.first else {
        Issue.record("no sender report")
        return
      }
      #expect(report.packetCount == UInt32(packets.count + (rtx ? 0 : 1)))
      #expect(harness.sender.statistics.packetsSent == UInt64(packets.count + 1))
    }
  }

  @Test func `says BYE once after close and nothing more`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue([50_000], isKeyframe: true)
    _ = harness.nextPacket()
    harness.sender.close()
    #expect(!harness.sender.hasPackets)
    #expect(try #require(harness.sender.deadline) <= harness.now)
    let compound = try #require(harness.control())
    #expect(compound.count == 3)
    #expect(compound.last == .bye([VideoSenderHarness.media, VideoSenderHarness.rtx]))
    #expect(harness.control() == nil)
    #expect(harness.sender.deadline == nil)
    harness.enqueue(isKeyframe: true)
    harness.pli()
    #expect(!harness.sender.hasPackets)
    #expect(!harness.takeKeyframeRequest())
  }

  @Test func `tells a receiver its round trip once, the first time at once`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    _ = harness.allPackets()
    #expect(harness.control()?.count == 2)
    let time: UInt64 = 0x1234_5678_9ABC_DEF0
    let report = RTCPPacket.ExtendedReport(
      sender: VideoSenderHarness.receiver,
      referenceTime: time
    )
    harness.receive(.extendedReport(report))
    harness.wait(.milliseconds(250))
    let expected = RTCPPacket.ExtendedReport(
      sender: VideoSenderHarness.media,
      answers: [
        .init(ssrc: VideoSenderHarness.receiver, lastReference: 0x5678_9ABC, delay: 0x4000)
      ]
    )
    #expect(harness.control()?.last == .extendedReport(expected))
    harness.receive(.extendedReport(report))
    #expect(harness.control() == nil)
    harness.wait(.seconds(2))
    #expect(harness.control()?.count == 3)
    harness.wait(.seconds(2))
    #expect(harness.control()?.count == 2)
  }

  @Test func `answers a few receivers and the last time of each`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    _ = harness.allPackets()
    for time in [UInt64(1) << 32, 2 << 32] {
      for ssrc in 1...20 as ClosedRange<UInt32> {
        let sender = SSRC(rawValue: ssrc)
        harness.receive(.extendedReport(.init(sender: sender, referenceTime: time)))
      }
    }
    guard case .extendedReport(let report)? = harness.control()?.last else {
      Issue.record("no extended report")
      return
    }
    #expect(report.answers.map(\.ssrc.rawValue).sorted() == [1, 2, 3, 4])
    #expect(report.answers.allSatisfy { $0.lastReference == 2 << 16 && $0.delay == 0 })
  }

  @Test func `says no BYE when it has never sent`() {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    harness.sender.close()
    #expect(harness.control() == nil)
    #expect(harness.sender.deadline == nil)
  }

  @Test func `answers TMMBR at once, alone only where that was negotiated`() throws {
    for reduced in [true, false] {
      let harness = VideoSenderHarness { $0.reducedSizeRTCP = reduced }
      harness.enqueue(isKeyframe: true)
      _ = harness.allPackets()
      _ = harness.control()
      let limit = RTCPPacket.BitrateLimit(
        ssrc: VideoSenderHarness.media,
        bitrate: .kilobits(500),
        overhead: 40
      )
      harness.wait(.milliseconds(100))
      harness.receive(
        .temporaryMaximumBitrateRequest(sender: VideoSenderHarness.receiver, [limit])
      )
      let compound = try #require(harness.control())
      #expect(compound.count == (reduced ? 1 : 3))
      guard case .temporaryMaximumBitrateNotification(_, let limits)? = compound.last else {
        Issue.record("no TMMBN")
        return
      }
      #expect(limits.map(\.ssrc) == [VideoSenderHarness.receiver])
      #expect(limits.map(\.bitrate) == [.kilobits(500)])
      #expect(harness.control() == nil)
      #expect(try #require(harness.sender.deadline) > harness.now)
    }
  }
}
