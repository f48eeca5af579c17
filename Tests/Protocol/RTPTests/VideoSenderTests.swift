// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import Testing
import Wire

@testable import RTP

@Suite struct VideoSenderTests {
  @Test func `refuses frames before the first keyframe and asks for one`() {
    let harness = VideoSenderHarness()
    #expect(harness.takeKeyframeRequest())
    #expect(!harness.takeKeyframeRequest())
    harness.enqueue()
    #expect(!harness.sender.hasPackets)
    #expect(harness.sender.statistics.framesDropped == 1)
    harness.wait(.milliseconds(400))
    harness.enqueue()
    #expect(harness.takeKeyframeRequest(), "asks again when none has come")
    harness.wait(.milliseconds(33))
    harness.enqueue()
    #expect(!harness.takeKeyframeRequest(), "waits for what it has asked for")
    harness.enqueue(isKeyframe: true)
    #expect(harness.sender.hasPackets)
  }

  @Test func `numbers packets in sequence, one timestamp and one marker a frame`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue([12, 4, 5000], isKeyframe: true)
    let first = harness.allPackets()
    harness.wait(.milliseconds(33))
    harness.enqueue([2500])
    let second = harness.allPackets()
    let headers = (first + second).compactMap(\.header)
    #expect(headers.count == first.count + second.count)
    for (before, after) in zip(headers, headers.dropFirst()) {
      #expect(after.sequenceNumber == before.sequenceNumber.next)
    }
    #expect(headers.allSatisfy { $0.ssrc == VideoSenderHarness.media })
    #expect(headers.allSatisfy { $0.payloadType.rawValue == 102 })
    #expect(Set(headers.prefix(first.count).map(\.timestamp)).count == 1)
    #expect(headers.indices.filter { headers[$0].marker } == [first.count - 1, headers.count - 1])
    let last = try #require(headers.last)
    #expect(last.timestamp - headers[0].timestamp >= 33 * 90)
    #expect(harness.sender.statistics.framesSent == 2)
    #expect(harness.sender.statistics.keyFramesSent == 1)
    #expect(harness.sender.statistics.packetsSent == UInt64(headers.count))
  }

  @Test func `keeps every packet within the datagram size less the SRTP tag`() {
    for size in [600, 1200, 1400] {
      let harness = VideoSenderHarness {
        $0.maximumPacketSize = size
        $0.overhead = 16
      }
      harness.enqueue([12, 4, 20_000], isKeyframe: true)
      var largest = 0
      while harness.sender.hasPackets {
        if let packet = harness.nextPacket(room: size - 16) {
          largest = max(largest, packet.count)
        } else {
          harness.wait(.milliseconds(1))
        }
      }
      // RTX needs two bytes more for the same payload.
      #expect(largest <= size - 18 && largest > size - 80)
    }
  }

  @Test func `writes nothing into a slot that is too small`() {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    #expect(harness.nextPacket(room: 1189) == nil)
    #expect(harness.nextPacket(room: 1190) != nil)
  }

  @Test func `lets a keyframe empty the queue but finishes the frame that is leaving`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue([5000], isKeyframe: true)
    let started = try #require(harness.nextPacket()?.header)
    harness.enqueue()
    harness.enqueue()
    harness.enqueue([1000], isKeyframe: true)
    let rest = harness.allPackets().compactMap(\.header)
    #expect(harness.sender.statistics.framesDropped == 2)
    #expect(Set(rest.map(\.timestamp)).count == 2)
    #expect(rest.filter(\.marker).count == 2)
    #expect(rest.first?.timestamp == started.timestamp)
  }

  @Test func `waits for a keyframe after a gap`() {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    _ = harness.allPackets()
    _ = harness.takeKeyframeRequest()
    harness.enqueue(gap: 1)
    harness.enqueue()
    #expect(!harness.sender.hasPackets)
    #expect(harness.takeKeyframeRequest())
    #expect(harness.sender.statistics.framesDropped == 2)
    harness.enqueue(isKeyframe: true)
    harness.enqueue()
    _ = harness.allPackets()
    #expect(harness.sender.statistics.framesSent == 3)
  }

  @Test func `drops all frames that wait when too many do`() {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    _ = harness.takeKeyframeRequest()
    for _ in 0..<64 { harness.enqueue() }
    #expect(!harness.sender.hasPackets)
    #expect(harness.sender.statistics.framesDropped == 65)
    #expect(harness.takeKeyframeRequest())
  }

  @Test func `ignores empty frames`() {
    let harness = VideoSenderHarness()
    harness.enqueue([], isKeyframe: true)
    harness.enqueue([0], isKeyframe: true)
    #expect(!harness.sender.hasPackets)
    #expect(harness.sender.statistics.framesDropped == 2)
  }

  @Test func `spreads a keyframe over milliseconds and says when to go on`() throws {
    let harness = VideoSenderHarness()
    let start = harness.now
    harness.enqueue([120_000], isKeyframe: true)
    _ = harness.control()
    var bursts: [Int] = []
    while harness.sender.hasPackets {
      bursts.append(harness.packets().count)
      _ = harness.control()
      guard harness.sender.hasPackets else { break }
      let deadline = try #require(harness.sender.deadline)
      #expect(deadline > harness.now)
      harness.now = deadline
    }
    #expect(harness.now - start <= .milliseconds(10))
    #expect(bursts.count >= 5 && (bursts.max() ?? 0) <= 40)
    #expect(!harness.sender.hasPackets)
  }

  @Test func `sends MID and playout delay until acknowledged, then on keyframes only`() throws {
    let harness = VideoSenderHarness()
    harness.enqueue(isKeyframe: true)
    harness.enqueue()
    let before = harness.allPackets().compactMap(\.header)
    #expect(before.allSatisfy { $0.extensions != nil })
    harness.report(highest: try #require(before.last).sequenceNumber)
    harness.enqueue()
    #expect(harness.allPackets().compactMap(\.header).allSatisfy { $0.extensions == nil })
    harness.enqueue(isKeyframe: true)
    let packet = try #require(harness.nextPacket())
    #expect(Array(packet[12..<24]) == [0xBE, 0xDE, 0, 2, 0x40, 0x30, 0x62, 0, 0, 0, 0, 0])
  }

  @Test func `starts its numbers at random and repeats them with the seed`() {
    let numbers = (0..<20 as Range<UInt64>).map { seed -> SequenceNumber? in
      let harness = VideoSenderHarness()
      harness.sender = VideoSender(
        harness.sender.configuration,
        random: .seeded(seed),
        at: harness.now
      )
      harness.enqueue(isKeyframe: true)
      return harness.nextPacket()?.header?.sequenceNumber
    }
    #expect(Set(numbers).count == 20)
    #expect(numbers.allSatisfy { ($0?.rawValue ?? .max) < 0x8000 })
  }

  @Test func `goes through the wrap of sequence numbers with retransmission`() throws {
    let harness = VideoSenderHarness { $0.maximumPacketSize = 300 }
    harness.sender.sequenceNumber = SequenceNumber(rawValue: 65_000)
    harness.enqueue([10], isKeyframe: true)
    var last = try #require(harness.nextPacket(room: 290)?.header)
    var wraps = 0
    for _ in 0..<2000 {
      harness.wait(.microseconds(100))
      harness.enqueue([10])
      let header = try #require(harness.nextPacket(room: 290)?.header)
      if header.sequenceNumber != last.sequenceNumber.next { Issue.record("a gap") }
      if header.sequenceNumber.rawValue == 5 {
        wraps += 1
        harness.nack([SequenceNumber(rawValue: 65_535), SequenceNumber(rawValue: 0)])
        let first = try #require(harness.nextPacket(room: 290)).payload
        let second = try #require(harness.nextPacket(room: 290)).payload
        #expect(first.prefix(2) == [255, 255] && second.prefix(2) == [0, 0])
      }
      last = header
    }
    #expect(wraps == 1)
  }
}
