// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

/// A class, because expectations cannot call what mutates a value.
@Suite final class AudioSenderTests {
  private static let media = SSRC(rawValue: 0x1111)
  private var now = Timestamp.zero + .seconds(5)
  private var sender: AudioSender

  init() {
    var configuration = AudioSender.Configuration(
      ssrc: Self.media,
      payloadType: PayloadType(lowBitsOf: 96),
      cname: "porthole"
    )
    configuration.mid = "a"
    configuration.midExtensionID = 4
    sender = AudioSender(configuration, random: .seeded(1), at: now)
  }

  private func enqueue(_ number: UInt64, timestamp: Int64? = nil, marker: Bool = false) {
    sender.enqueue(
      EncodedAudio(
        bytes: [7, UInt8(truncatingIfNeeded: number)],
        captured: now,
        number: number,
        timestamp: timestamp ?? Int64(number) * 960,
        payloadType: 111,
        beginsTalkspurt: marker
      )
    )
  }

  private func packets() -> [[UInt8]] {
    let now = now
    var packets: [[UInt8]] = []
    while let packet = [UInt8](room: 1190, writing: { sender.nextPacket(into: &$0, at: now) }) {
      packets.append(packet)
    }
    return packets
  }

  private func control() -> [RTCPPacket] {
    let now = now
    let wallClock = WallClock(unixNanoseconds: now.nanoseconds)
    let bytes = [UInt8](writing: { sender.nextControl(into: &$0, at: now, wallClock: wallClock) })
    return bytes.map { RTCPPacket.reading($0) } ?? []
  }

  @Test func `sends nothing in another codec than the peer has agreed to`() {
    let audio = EncodedAudio(
      bytes: [7],
      captured: now,
      number: 1,
      timestamp: 160,
      payloadType: 0,
      codec: .pcmu
    )
    sender.enqueue(audio)
    #expect(packets().isEmpty)
    #expect(sender.statistics.packetsDropped == 1)
  }

  @Test func `sends payloads unchanged, with losses as gaps`() {
    for number: UInt64 in [5, 6, 9] {
      enqueue(number, marker: number == 5)
      now += .milliseconds(20)
    }
    let packets = packets()
    let headers = packets.compactMap(\.header)
    #expect(packets.map(\.payload) == [[7, 5], [7, 6], [7, 9]])
    let first = headers[0]
    #expect(headers.map { $0.sequenceNumber.distance(after: first.sequenceNumber) } == [0, 1, 4])
    #expect(headers.map { $0.timestamp - first.timestamp } == [0, 960, 3840])
    #expect(headers.map(\.marker) == [true, false, false])
    #expect(first.payloadType == PayloadType(lowBitsOf: 96) && first.extensions != nil)
    #expect(sender.statistics.packetsSent == 3 && sender.statistics.bytesSent == 6)
  }

  @Test func `goes on by the captured times with another source`() {
    enqueue(100)
    now += .milliseconds(20)
    enqueue(3_000_000, timestamp: -77)
    now += .seconds(2)
    enqueue(3_000_001, timestamp: -77 + 960)
    let headers = packets().compactMap(\.header)
    #expect(headers[1].sequenceNumber == headers[0].sequenceNumber.next)
    #expect(headers[2].sequenceNumber == headers[1].sequenceNumber.next)
    #expect(headers[1].timestamp - headers[0].timestamp == 960)
    #expect(headers[2].timestamp - headers[1].timestamp == 96_000)
  }

  @Test func `drops repeated, empty and too large packets, and the oldest of too many`() {
    enqueue(5)
    enqueue(5)
    enqueue(4)
    #expect(sender.statistics.packetsDropped == 2)
    let audio = EncodedAudio(bytes: [], captured: now, number: 6, timestamp: 0, payloadType: 0)
    sender.enqueue(audio)
    var large = audio
    large.bytes = [UInt8](repeating: 0, count: 1200)
    sender.enqueue(large)
    #expect(sender.statistics.packetsDropped == 4)
    for number: UInt64 in 6..<100 { enqueue(number) }
    let packets = packets()
    #expect(packets.count == 64 && packets.last?.payload == [7, 99])
  }

  @Test func `reports at once and about every second, on the clock of its packets`() throws {
    #expect(sender.deadline == nil && control().isEmpty)
    enqueue(0)
    let header = try #require(packets().first?.header)
    now += .milliseconds(500)
    let packets = control()
    guard case .senderReport(let report)? = packets.first else {
      Issue.record("no report")
      return
    }
    #expect(report.timestamp - header.timestamp == 24_000)
    #expect(report.packetCount == 1 && report.octetCount == 2)
    #expect(
      packets.last
        == .sourceDescription([.init(ssrc: Self.media, canonicalName: "porthole", mid: "a")])
    )
    let deadline = try #require(sender.deadline)
    #expect(deadline - now >= .milliseconds(500) && deadline - now <= .milliseconds(1500))
    let block = RTCPPacket.ReportBlock(
      ssrc: Self.media,
      fractionLost: 64,
      cumulativeLost: 1,
      highestSequenceNumber: .init(rawValue: UInt32(header.sequenceNumber.rawValue)),
      jitter: 480,
      lastSenderReport: UInt32(truncatingIfNeeded: report.ntp >> 16),
      delaySinceLastSenderReport: 0
    )
    now += .milliseconds(40)
    sender.receive(.receiverReport(.init(ssrc: SSRC(rawValue: 3), reports: [block])), at: now)
    let remote = try #require(sender.statistics.remote)
    #expect(remote.fractionLost == 0.25 && remote.jitter == .milliseconds(10))
    #expect(sender.roundTripTime == .milliseconds(40))
    enqueue(1)
    let next = try #require(self.packets().first?.header)
    #expect(next.extensions == nil)
  }

  @Test func `counts reports of packets that were never sent`() throws {
    enqueue(0)
    let header = try #require(packets().first?.header)
    let block = RTCPPacket.ReportBlock(
      ssrc: Self.media,
      fractionLost: 0,
      cumulativeLost: 0,
      highestSequenceNumber: .init(rawValue: UInt32(header.sequenceNumber.rawValue) + 9),
      jitter: 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0
    )
    sender.receive(.receiverReport(.init(ssrc: SSRC(rawValue: 3), reports: [block])), at: now)
    #expect(sender.statistics.malformed == 1 && sender.statistics.remote == nil)
  }

  @Test func `says BYE once when closed, if it has sent`() {
    let unused = sender
    sender.close()
    #expect(control().isEmpty)
    sender = unused
    enqueue(0)
    _ = packets()
    enqueue(1)
    sender.close()
    #expect(packets().isEmpty && sender.statistics.packetsDropped == 1)
    #expect(control().last == .bye([Self.media]))
    #expect(control().isEmpty && sender.deadline == nil)
  }
}
