// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

@Suite struct VideoReceiverTests {
  private let harness = VideoReceiverHarness()

  @Test func `hands out frames in order over the wraps of number and time`() {
    harness.show(VideoReceiverHarness.keyframe)
    for index: UInt8 in 0..<40 { harness.show([0x41, index]) }
    let frames = harness.frames()
    // Sixteen wait at most; a later one must not follow a gap.
    #expect(frames.map(\.number) == Array(0..<16))
    #expect(frames[0].isKeyframe && frames[0].nalUnits.count == 3)
    #expect(frames[1].bytes == [0x41, 0])
    for (before, after) in zip(frames, frames.dropFirst()) {
      let step = after.captured - before.captured
      #expect(step > .milliseconds(33) && step < .milliseconds(34))
    }
    #expect(harness.receiver.statistics.framesReceived == 41)
    #expect(harness.receiver.statistics.framesDropped == 25)
  }

  @Test func `waits for a packet that RTX repeats`() {
    harness.show(VideoReceiverHarness.keyframe)
    let lost = harness.picture([0x41, 1])
    harness.show([0x41, 2])
    #expect(harness.frames().count == 1)
    harness.wait(.milliseconds(60))
    harness.receive(harness.repeated(lost))
    #expect(harness.frames().map(\.bytes) == [[0x41, 1], [0x41, 2]])
    harness.receive(harness.repeated(lost))
    let statistics = harness.receiver.statistics
    #expect(statistics.retransmittedPacketsReceived == 2)
    #expect(statistics.packetsDuplicated == 1)
    #expect(statistics.packetsReceived == 4)
  }

  @Test func `gives a packet up in time and goes on with the next keyframe behind a gap`() {
    harness.show(VideoReceiverHarness.keyframe)
    let lost = harness.picture([0x41, 1])
    harness.show([0x41, 2])
    harness.wait(.milliseconds(251))
    harness.show([0x41, 3])
    #expect(harness.frames().count == 1)
    #expect(harness.controls().requests == 1)
    harness.receive(lost)
    #expect(harness.receiver.statistics.packetsDiscarded == 1)
    harness.show(VideoReceiverHarness.keyframe)
    harness.show([0x41, 4])
    #expect(harness.frames().map(\.number) == [2, 3])
  }

  @Test func `repeats parameter sets that were sent only once`() {
    harness.show([0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3])
    #expect(harness.frames().isEmpty)
    harness.show([0x65, 4])
    harness.show([0x65, 5])
    let frames = harness.frames()
    #expect(
      frames.map(\.bytes) == [[0x67, 1, 2, 0x68, 3, 0x65, 4], [0x67, 1, 2, 0x68, 3, 0x65, 5]]
    )
    #expect(frames[1].nalUnits == [0..<3, 3..<5, 5..<7])
  }

  @Test func `refuses a keyframe whose parameter sets nobody knows`() {
    harness.show([0x65, 4])
    #expect(harness.frames().isEmpty)
    #expect(harness.controls().requests == 1)
  }

  @Test func `passes over probes with nothing in them`() {
    harness.show(VideoReceiverHarness.keyframe)
    harness.receive(harness.packet([]))
    harness.receive(harness.repeated(harness.packet([]), ssrc: 0x2222))
    harness.number.rawValue &-= 1
    var padded = harness.packet([0, 0, 0, 4])
    padded[0] |= 0x20
    harness.receive(padded)
    harness.show([0x41, 1])
    #expect(harness.frames().map(\.number) == [0, 1])
    #expect(harness.receiver.statistics.framesDropped == 0)
  }

  @Test func `follows a change of SSRC and no packet of the stream left`() {
    harness.show(VideoReceiverHarness.keyframe)
    harness.wait(.seconds(1))
    let former = harness.picture([0x41, 1])
    harness.ssrc = SSRC(rawValue: 0x3333)
    harness.number = SequenceNumber(rawValue: 7)
    harness.time = RTPTime(rawValue: 5)
    harness.show(VideoReceiverHarness.keyframe)
    harness.receive(former)
    harness.show([0x41, 2])
    let frames = harness.frames()
    #expect(frames.map(\.number) == [0, 2, 3])
    #expect(frames[2].captured <= harness.now)
    let statistics = harness.receiver.statistics
    #expect(statistics.restarts == 1 && statistics.packetsIgnored == 1)
    #expect(statistics.ssrc == SSRC(rawValue: 0x3333))
  }

  @Test func `does not change streams with every packet of a flood of SSRCs`() {
    harness.show(VideoReceiverHarness.keyframe)
    harness.wait(.seconds(1))
    for ssrc: UInt32 in 0..<100 {
      harness.ssrc = SSRC(rawValue: 0x4000 + ssrc)
      harness.receive(harness.packet([0x41, 1], marker: true))
    }
    #expect(harness.receiver.statistics.restarts == 1)
  }

  @Test func `goes on with a sender whose clock jumps`() {
    harness.show(VideoReceiverHarness.keyframe)
    harness.time.rawValue &+= 90_000 * 3600
    harness.show([0x41, 1])
    harness.time.rawValue &-= 90_000 * 7200
    harness.show([0x41, 2])
    let frames = harness.frames()
    #expect(frames.map(\.number) == [0, 1, 2])
    for (before, after) in zip(frames, frames.dropFirst()) {
      let step = after.captured - before.captured
      #expect(step > .milliseconds(30) && step < .milliseconds(40))
    }
  }

  @Test func `drops what is malformed, too large or of another payload type`() {
    harness.show(VideoReceiverHarness.keyframe)
    harness.receive([])
    harness.receive([0x40, 1, 2])
    harness.receive(harness.packet([UInt8](repeating: 0x41, count: 1600)))
    var foreign = harness.packet([0x41])
    foreign[1] = 99
    harness.receive(foreign)
    let statistics = harness.receiver.statistics
    #expect(statistics.malformed == 3 && statistics.packetsIgnored == 1)
    #expect(statistics.packetsReceived == 1)
  }

  @Test func `gives everything up after a leap that nothing can fill`() {
    harness.show(VideoReceiverHarness.keyframe)
    harness.number += 2000
    harness.show([0x41, 1])
    #expect(harness.controls().requests == 1)
    harness.show(VideoReceiverHarness.keyframe)
    #expect(harness.frames().map(\.number) == [0, 2])
    #expect(harness.receiver.statistics.packetsLost == 2000)
  }

  @Test func `says when the sender ends, and hears it begin again`() {
    harness.show(VideoReceiverHarness.keyframe)
    let late = harness.picture([0x41, 1])
    harness.show([0x41, 2])
    harness.receive(.bye([SSRC(rawValue: 0x1111)]))
    #expect(harness.receiver.hasEnded && harness.receiver.deadline == nil)
    harness.receive(late)
    #expect(harness.receiver.hasEnded)
    harness.show(VideoReceiverHarness.keyframe)
    #expect(!harness.receiver.hasEnded)
    #expect(harness.frames().map(\.number) == [0, 2])
  }

  @Test func `tells the sender's time of day`() throws {
    harness.show(VideoReceiverHarness.keyframe)
    let frame = try #require(harness.frames().first)
    #expect(harness.receiver.senderTime(at: frame.captured) == nil)
    let report = RTCPPacket.SenderReport(
      ssrc: harness.ssrc,
      ntp: 1000 << 32,
      timestamp: RTPTime(rawValue: harness.time.rawValue &+ 45_000),
      packetCount: 1,
      octetCount: 1
    )
    harness.receive(.senderReport(report))
    #expect(harness.receiver.senderTime(at: frame.captured) == 999 << 32 | 1 << 31)
  }
}
