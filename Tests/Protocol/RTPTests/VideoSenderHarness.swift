// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Wire

/// A sender with its clock, for tests of what leaves it.
///
/// A class, because expectations cannot call what mutates a value.
final class VideoSenderHarness {
  static let media = SSRC(rawValue: 0x1111)
  static let rtx = SSRC(rawValue: 0x2222)
  static let receiver = SSRC(rawValue: 0x3333)

  var sender: VideoSender
  var now = Timestamp.zero + .seconds(10)
  var random = RandomSource.seeded(7)
  private var nextNumber: UInt64 = 0

  init(rtx: Bool = true, _ change: (inout VideoSender.Configuration) -> Void = { _ in }) {
    var configuration = VideoSender.Configuration(
      ssrc: Self.media,
      payloadType: PayloadType(lowBitsOf: 102),
      cname: "camera"
    )
    if rtx {
      configuration.retransmissionSSRC = Self.rtx
      configuration.retransmissionPayloadType = PayloadType(lowBitsOf: 103)
    }
    configuration.mid = "0"
    configuration.midExtensionID = 4
    configuration.playoutDelayExtensionID = 6
    change(&configuration)
    sender = VideoSender(configuration, random: .seeded(3), at: now)
  }

  func takeKeyframeRequest() -> Bool { sender.takeKeyframeRequest() }

  func wait(_ duration: Duration) { now += duration }

  /// Hands over the next frame, leaving out `gap` numbers before it.
  func enqueue(_ sizes: [Int] = [3000], isKeyframe: Bool = false, gap: UInt64 = 0) {
    nextNumber += gap
    let frame = EncodedFrame.sample(
      sizes,
      number: nextNumber,
      captured: now,
      isKeyframe: isKeyframe,
      using: &random
    )
    nextNumber += 1
    sender.enqueue(frame, at: now)
  }

  func nextPacket(room: Int = 1190) -> [UInt8]? {
    let now = now
    return [UInt8](room: room, writing: { sender.nextPacket(into: &$0, at: now) })
  }

  /// All packets that may leave now.
  func packets() -> [[UInt8]] {
    var packets: [[UInt8]] = []
    while let packet = nextPacket() { packets.append(packet) }
    return packets
  }

  /// All packets, waiting for the pacer.
  func allPackets() -> [[UInt8]] {
    var all: [[UInt8]] = []
    while sender.hasPackets {
      let some = packets()
      all += some
      if some.isEmpty { now += .milliseconds(1) }
    }
    return all
  }

  func control() -> [RTCPPacket]? {
    let now = now
    let wallClock = WallClock(unixNanoseconds: now.nanoseconds)
    let bytes = [UInt8](writing: { sender.nextControl(into: &$0, at: now, wallClock: wallClock) })
    return bytes.map { RTCPPacket.reading($0) }
  }

  func nack(_ numbers: [SequenceNumber]) {
    let entries = numbers.map { RTCPPacket.MissingPackets(first: $0) }
    receive(.genericNACK(sender: Self.receiver, media: Self.media, entries))
  }

  func pli() {
    receive(.pictureLossIndication(sender: Self.receiver, media: Self.media))
  }

  func report(
    highest: SequenceNumber,
    cumulativeLost: Int32 = 5,
    lastSenderReport: UInt32 = 0,
    delay: UInt32 = 0
  ) {
    let block = RTCPPacket.ReportBlock(
      ssrc: Self.media,
      fractionLost: 64,
      cumulativeLost: cumulativeLost,
      highestSequenceNumber: ExtendedSequenceNumber(rawValue: UInt32(highest.rawValue)),
      jitter: 900,
      lastSenderReport: lastSenderReport,
      delaySinceLastSenderReport: delay
    )
    receive(.receiverReport(.init(ssrc: Self.receiver, reports: [block])))
  }

  func receive(_ packet: RTCPPacket) { sender.receive(packet, at: now) }
}

extension [UInt8] {
  /// The header of the packet in this array.
  var header: RTPHeader? { RTPHeader.parsing(self)?.header }
  /// The payload of the packet in this array.
  var payload: [UInt8] { RTPHeader.parsing(self).map { Array(self[$0.payload]) } ?? [] }
}
