// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

@Suite struct VideoReceiverControlTests {
  private let harness = VideoReceiverHarness()

  @Test func `reports soon and then about every second`() throws {
    #expect(harness.receiver.deadline == nil && harness.controls().isEmpty)
    harness.show(VideoReceiverHarness.keyframe)
    let packets = harness.controls(for: .seconds(10))
    let reports = packets.compactMap { packet -> RTCPPacket.ReceiverReport? in
      if case .receiverReport(let report) = packet { report } else { nil }
    }
    #expect((8...20).contains(reports.count))
    #expect(packets.count == reports.count * 2)
    let block = try #require(reports.first?.reports.first)
    #expect(block.ssrc == SSRC(rawValue: 0x1111) && block.cumulativeLost == 0)
    let name = RTCPPacket.SourceDescription(
      ssrc: VideoReceiverHarness.own,
      canonicalName: "porthole",
      mid: "1"
    )
    #expect(packets[1] == .sourceDescription([name]))
  }

  @Test func `asks for a missing packet once in a round trip until it is given up`() {
    harness.show(VideoReceiverHarness.keyframe)
    let lost = harness.number
    harness.number += 1
    harness.show([0x41, 1])
    #expect(harness.controls().missing.isEmpty)
    let packets = harness.controls(for: .milliseconds(400))
    #expect(packets.missing == [UInt16](repeating: lost.rawValue, count: 5))
    #expect(harness.receiver.statistics.nackCount == 5)
  }

  @Test func `names many missing packets by bits and never asks for what came late by itself`() {
    harness.show(VideoReceiverHarness.keyframe)
    let late = harness.picture([0x41, 1])
    let first = harness.number
    harness.number += 20
    harness.show([0x41, 2])
    harness.receive(late)
    harness.wait(.milliseconds(5))
    let nacks = harness.controls().compactMap { packet -> [RTCPPacket.MissingPackets]? in
      if case .genericNACK(VideoReceiverHarness.own, harness.ssrc, let entries) = packet {
        entries
      } else {
        nil
      }
    }
    #expect(
      nacks == [[.init(first: first, following: 0xFFFF), .init(first: first + 17, following: 3)]]
    )
  }

  @Test func `brings requests for keyframes together and repeats them until one comes`() {
    harness.receiver.requestKeyframe(at: harness.now)
    #expect(harness.receiver.deadline == nil)
    harness.show(VideoReceiverHarness.keyframe)
    for _ in 0..<5 { harness.receiver.requestKeyframe(at: harness.now) }
    #expect(harness.controls().requests == 1)
    harness.receiver.requestKeyframe(at: harness.now)
    #expect(harness.controls(for: .milliseconds(299)).requests == 0)
    #expect(harness.controls(for: .milliseconds(601)).requests == 3)
    harness.show(VideoReceiverHarness.keyframe)
    #expect(harness.controls(for: .seconds(1)).requests == 0)
    #expect(harness.receiver.statistics.pliCount == 4)
  }

  @Test func `uses FIR where PLI was not negotiated, each with a number of its own`() {
    let harness = VideoReceiverHarness {
      $0.supportsPLI = false
      $0.supportsFIR = true
    }
    harness.show([0x41, 1])
    let packets = harness.controls(for: .milliseconds(350))
    let numbers = packets.compactMap { packet -> UInt8? in
      guard case .fullIntraRequest(_, let entries) = packet else { return nil }
      return entries.first?.number
    }
    #expect(numbers == [0, 1])
    #expect(harness.receiver.statistics.firCount == 2)
  }

  @Test func `asks for nothing that was not negotiated`() {
    let harness = VideoReceiverHarness {
      $0.supportsPLI = false
      $0.supportsNACK = false
    }
    harness.show([0x41, 1])
    harness.number += 1
    harness.show([0x41, 1])
    let packets = harness.controls(for: .seconds(1))
    let isReport = packets.allSatisfy {
      switch $0 {
      case .receiverReport, .sourceDescription: true
      default: false
      }
    }
    #expect(isReport && !packets.isEmpty)
  }

  @Test func `puts feedback behind a report without reduced-size RTCP`() {
    let harness = VideoReceiverHarness { $0.reducedSizeRTCP = false }
    harness.show([0x41, 1])
    let packets = harness.controls()
    #expect(packets.count == 3 && packets.requests == 1)
    if case .receiverReport = packets[0] {} else { Issue.record("no report first") }
  }

  @Test func `tells an estimate with each report if there is one`() {
    let harness = VideoReceiverHarness { $0.estimate = .kilobits(500) }
    harness.show(VideoReceiverHarness.keyframe)
    let expected = RTCPPacket.receiverEstimatedMaximumBitrate(
      sender: VideoReceiverHarness.own,
      .kilobits(500),
      media: [harness.ssrc]
    )
    #expect(harness.controls(for: .milliseconds(400)).last == expected)
  }

  @Test func `says BYE once when closed after it has reported`() {
    harness.show(VideoReceiverHarness.keyframe)
    _ = harness.controls(for: .seconds(1))
    harness.receiver.close()
    #expect(harness.controls().last == .bye([VideoReceiverHarness.own]))
    #expect(harness.controls().isEmpty && harness.receiver.deadline == nil)
    harness.show(VideoReceiverHarness.keyframe)
    #expect(harness.frames().isEmpty)
    let silent = VideoReceiverHarness()
    silent.show(VideoReceiverHarness.keyframe)
    silent.receiver.close()
    #expect(silent.controls().isEmpty && silent.frames().isEmpty)
  }
}
