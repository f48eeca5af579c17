// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Wire

/// A receiver with its clock, and the packets that a sender would make, for tests of what leaves it.
///
/// A class, because expectations cannot call what mutates a value.
final class VideoReceiverHarness {
  static let own = SSRC(rawValue: 0x7777)

  var receiver: VideoReceiver
  var now = Timestamp.zero + .seconds(10)
  /// The next packet's fields.
  var ssrc = SSRC(rawValue: 0x1111)
  var number = SequenceNumber(rawValue: 65_530)
  var time = RTPTime(rawValue: 0xFFFF_0000)
  private var repeatNumber = SequenceNumber(rawValue: 9)

  init(_ change: (inout VideoReceiver.Configuration) -> Void = { _ in }) {
    var configuration = VideoReceiver.Configuration(
      ssrc: Self.own,
      payloadTypes: [PayloadType(lowBitsOf: 102)],
      cname: "porthole"
    )
    configuration.mid = "1"
    configuration.retransmissions = [PayloadType(lowBitsOf: 103): PayloadType(lowBitsOf: 102)]
    configuration.reducedSizeRTCP = true
    change(&configuration)
    receiver = VideoReceiver(configuration, random: .seeded(3), at: now)
    receiver.assume(roundTripTime: .milliseconds(50))
  }

  static let keyframe: [UInt8] = [0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3, 0, 2, 0x65, 4]

  /// A picture in one packet; 3,000 ticks and a thirtieth of a second later than the one before.
  func picture(_ payload: [UInt8]) -> [UInt8] {
    time.rawValue &+= 3000
    now += .nanoseconds(33_333_333)
    return packet(payload, marker: true)
  }

  func packet(_ payload: [UInt8], marker: Bool = false) -> [UInt8] {
    let header = RTPHeader(
      marker: marker,
      payloadType: PayloadType(lowBitsOf: 102),
      sequenceNumber: number,
      timestamp: time,
      ssrc: ssrc
    )
    number += 1
    return (header.bytes() ?? []) + payload
  }

  /// The packet as the RTX stream repeats it.
  func repeated(_ packet: [UInt8], ssrc: UInt32 = 0x2222) -> [UInt8] {
    guard var header = packet.header else { return [] }
    let original = header.sequenceNumber.rawValue
    header.ssrc = SSRC(rawValue: ssrc)
    header.payloadType = PayloadType(lowBitsOf: 103)
    header.sequenceNumber = repeatNumber
    repeatNumber += 1
    let osn = [UInt8(original >> 8), UInt8(original & 0xFF)]
    return (header.bytes() ?? []) + osn + packet.payload
  }

  func receive(_ packet: [UInt8]) { receiver.receive(packet.span, at: now) }

  func receive(_ control: RTCPPacket) { receiver.receive(control, at: now) }

  func show(_ payload: [UInt8]) { receive(picture(payload)) }

  func wait(_ duration: Duration) { now += duration }

  func frames() -> [EncodedFrame] {
    var frames: [EncodedFrame] = []
    while let frame = receiver.nextFrame() { frames.append(frame) }
    return frames
  }

  /// All control packets due now.
  func controls() -> [RTCPPacket] {
    let now = now
    var packets: [RTCPPacket] = []
    while let bytes = [UInt8](writing: { receiver.nextControl(into: &$0, at: now) }) {
      packets += RTCPPacket.reading(bytes)
    }
    return packets
  }

  /// Goes from deadline to deadline for `duration` and collects what leaves.
  func controls(for duration: Duration) -> [RTCPPacket] {
    let end = now + duration
    var packets = controls()
    while let deadline = receiver.deadline, deadline <= end {
      now = max(now, deadline)
      packets += controls()
    }
    now = end
    return packets
  }
}

extension [RTCPPacket] {
  /// How many PLIs there are.
  var requests: Int {
    count { if case .pictureLossIndication = $0 { true } else { false } }
  }

  /// The first packet numbers of all NACKs.
  var missing: [UInt16] {
    flatMap { packet -> [UInt16] in
      guard case .genericNACK(_, _, let entries) = packet else { return [] }
      return entries.map(\.first.rawValue)
    }
  }
}
