// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

/// A class, because expectations cannot call what mutates a value.
@Suite final class AudioReceiverTests {
  private static let own = SSRC(rawValue: 0x7777)
  private var now = Timestamp.zero + .seconds(5)
  private var ssrc = SSRC(rawValue: 0x1111)
  private var number = SequenceNumber(rawValue: 65_533)
  private var time = RTPTime(rawValue: 0xFFFF_FA00)
  private var receiver: AudioReceiver

  init() {
    let configuration = AudioReceiver.Configuration(
      ssrc: Self.own,
      codecs: [PayloadType(lowBitsOf: 111): .opus],
      cname: "porthole"
    )
    receiver = AudioReceiver(configuration, random: .seeded(1), at: now)
  }

  /// The next packet, of 20 ms.
  private func packet(_ payload: [UInt8] = [1, 2], marker: Bool = false) -> [UInt8] {
    let header = RTPHeader(
      marker: marker,
      payloadType: PayloadType(lowBitsOf: 111),
      sequenceNumber: number,
      timestamp: time,
      ssrc: ssrc
    )
    number += 1
    time.rawValue &+= 960
    now += .milliseconds(20)
    return (header.bytes() ?? []) + payload
  }

  private func receive(_ packet: [UInt8]) { receiver.receive(packet.span, at: now) }

  private func audio() -> [EncodedAudio] {
    var all: [EncodedAudio] = []
    while let audio = receiver.nextAudio() { all.append(audio) }
    return all
  }

  private func control() -> [RTCPPacket] {
    let now = now
    return [UInt8](writing: { receiver.nextControl(into: &$0, at: now) }).map {
      RTCPPacket.reading($0)
    }
      ?? []
  }

  @Test func `hands packets on unchanged over the wraps of number and time`() {
    receive(packet([9, 8], marker: true))
    for _ in 0..<5 { receive(packet()) }
    let audio = audio()
    #expect(audio.map(\.number) == [0, 1, 2, 3, 4, 5])
    #expect(audio.map(\.timestamp) == [0, 960, 1920, 2880, 3840, 4800])
    #expect(audio[0].bytes == [9, 8] && audio[0].payloadType == 111)
    #expect(audio[0].beginsTalkspurt && !audio[1].beginsTalkspurt)
    #expect(audio[5].captured - audio[0].captured == .milliseconds(100))
  }

  @Test func `waits a little for a packet that was overtaken`() {
    receive(packet([0]))
    let late = packet([1])
    receive(packet([2]))
    #expect(audio().map(\.bytes) == [[0]])
    receive(late)
    receive(late)
    #expect(audio().map(\.bytes) == [[1], [2]])
    #expect(receiver.statistics.packetsDuplicated == 1)
  }

  @Test func `hands on at once what was overtaken, to whoever orders by himself`() {
    receiver.isHasty = true
    receive(packet([0]))
    let late = packet([1])
    receive(packet([2]))
    #expect(audio().map(\.number) == [0, 2])
    receive(packet([3]))
    receive(late)
    receive(late)
    receive(packet([4]))
    let rest = audio()
    #expect(rest.map(\.number) == [3, 1, 4])
    #expect(rest.map(\.timestamp) == [2880, 960, 3840])
    #expect(rest.map(\.bytes) == [[3], [1], [4]])
    #expect(receiver.statistics.packetsDuplicated == 1)
    // What never comes keeps its place.
    _ = packet([5])
    for byte in UInt8(6)..<12 { receive(packet([byte])) }
    #expect(audio().map(\.number) == [6, 7, 8, 9, 10, 11])
    #expect(receiver.statistics.packetsDiscarded == 0)
  }

  @Test func `shows a lost packet as a gap in number and time`() {
    receive(packet())
    let lost = packet()
    receive(packet())
    let deadline = receiver.deadline
    #expect(deadline == now + .milliseconds(30))
    now += .milliseconds(30)
    _ = control()
    let audio = audio()
    #expect(audio.map(\.number) == [0, 2])
    #expect(audio.map(\.timestamp) == [0, 1920])
    receive(lost)
    #expect(receiver.statistics.packetsDiscarded == 1)
  }

  @Test func `counts a probe as no loss`() {
    receive(packet())
    receive(packet([]))
    receive(packet())
    #expect(audio().map(\.number) == [0, 1])
  }

  @Test func `goes on behind a gap when the sender begins anew`() {
    receive(packet())
    ssrc = SSRC(rawValue: 0x2222)
    number = SequenceNumber(rawValue: 77)
    time = RTPTime(rawValue: 5)
    now += .seconds(1)
    receive(packet())
    receive(packet())
    let audio = audio()
    #expect(audio.map(\.number) == [0, 2, 3])
    #expect(audio[1].timestamp == 960 * 51 && audio[2].timestamp == 960 * 52)
    #expect(receiver.statistics.restarts == 1)
  }

  @Test func `keeps no more than a second for who does not fetch`() {
    for _ in 0..<200 { receive(packet()) }
    let audio = audio()
    #expect(audio.count == 64)
    receive(packet())
    #expect(self.audio().map(\.number) == [200])
  }

  @Test func `drops what is malformed or of another payload type`() {
    var foreign = packet()
    foreign[1] = 13
    receive(foreign)
    receive([1, 2, 3])
    receive(packet([UInt8](repeating: 0, count: 1600)))
    let statistics = receiver.statistics
    #expect(statistics.packetsIgnored == 1 && statistics.malformed == 2)
    #expect(statistics.packetsReceived == 0 && audio().isEmpty)
  }

  @Test func `reports, ends with the sender and says BYE`() throws {
    receive(packet())
    let deadline = try #require(receiver.deadline)
    now = deadline
    let report = control()
    guard case .receiverReport(let first)? = report.first else {
      Issue.record("no report")
      return
    }
    #expect(first.reports.map(\.ssrc) == [ssrc] && report.count == 2)
    receiver.receive(.bye([ssrc]), at: now)
    #expect(receiver.hasEnded && receiver.deadline == nil)
    receiver.close()
    #expect(control().last == .bye([Self.own]))
    #expect(control().isEmpty && receiver.deadline == nil)
  }
}
