// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import RTP
private import Wire

extension FuzzTarget {
  /// The receivers, fed with whole sequences of packets.
  ///
  /// Each packet: its length in two bytes, a byte of which the lowest bit says RTCP and the others
  /// how long after the one before it comes, in units of 4 ms, its bytes.
  static let rtpReceivers: [FuzzTarget] = [
    FuzzTarget("videoreceiver", seeds: videoSeeds) { input in
      var configuration = VideoReceiver.Configuration(
        ssrc: SSRC(rawValue: 7),
        payloadTypes: [PayloadType(lowBitsOf: 102)],
        cname: "porthole"
      )
      configuration.retransmissions = [PayloadType(lowBitsOf: 103): PayloadType(lowBitsOf: 102)]
      configuration.estimate = .kilobits(2000)
      var receiver = VideoReceiver(configuration, random: .seeded(1), at: .zero)
      var next: UInt64?
      walk(input) { packet, isControl, now in
        if isControl {
          var reader = RTCPReader(packet)
          while let control = reader.next() { receiver.receive(control, at: now) }
        } else {
          receiver.receive(packet, at: now)
        }
        while [UInt8](writing: { receiver.nextControl(into: &$0, at: now) }) != nil {}
        while let frame = receiver.nextFrame() {
          precondition(frame.number == next ?? 0 || frame.isKeyframe, "undecodable")
          precondition(frame.captured <= now, "captured in the future")
          for unit in frame.nalUnits { precondition(!frame.bytes[unit].isEmpty) }
          next = frame.number + 1
        }
        if let deadline = receiver.deadline { precondition(deadline > now, "a deadline stands") }
      }
      receiver.close()
    },
    FuzzTarget("audioreceiver", seeds: audioSeeds) { input in
      var configuration = AudioReceiver.Configuration(
        ssrc: SSRC(rawValue: 7),
        codecs: [PayloadType(lowBitsOf: 111): .opus],
        cname: "porthole"
      )
      configuration.redundancyPayloadType = PayloadType(lowBitsOf: 63)
      var receiver = AudioReceiver(configuration, random: .seeded(1), at: .zero)
      var sender = AudioSender(
        .init(ssrc: SSRC(rawValue: 9), payloadType: PayloadType(lowBitsOf: 96), cname: "porthole"),
        random: .seeded(2),
        at: .zero
      )
      var last: UInt64?
      walk(input) { packet, isControl, now in
        if isControl {
          var reader = RTCPReader(packet)
          while let control = reader.next() {
            receiver.receive(control, at: now)
            sender.receive(control, at: now)
          }
        } else {
          receiver.receive(packet, at: now)
        }
        while [UInt8](writing: { receiver.nextControl(into: &$0, at: now) }) != nil {}
        while let audio = receiver.nextAudio() {
          if let last { precondition(audio.number > last, "out of order") }
          precondition(audio.captured <= now, "captured in the future")
          last = audio.number
          sender.enqueue(audio)
        }
        while [UInt8](writing: { sender.nextPacket(into: &$0, at: now) }) != nil {}
        let wallClock = WallClock(unixNanoseconds: now.nanoseconds)
        while [UInt8](writing: { sender.nextControl(into: &$0, at: now, wallClock: wallClock) })
          != nil
        {}
        if let deadline = receiver.deadline { precondition(deadline > now, "a deadline stands") }
      }
    },
  ]

  private static func walk(
    _ input: [UInt8],
    _ feed: (_ packet: Span<UInt8>, _ isControl: Bool, _ now: Timestamp) -> Void
  ) {
    var reader = ByteReader(input.span)
    var now = Timestamp.zero
    while let length = reader.readUInt16(), let flags = reader.readUInt8(),
      let packet = reader.readSpan(min(Int(length), reader.remaining))
    {
      now += .milliseconds(Int64(flags >> 1) * 4)
      feed(packet, flags & 1 != 0, now)
    }
  }

  private static func framed(_ packet: [UInt8], isControl: Bool, after steps: UInt8) -> [UInt8] {
    [UInt8(packet.count >> 8), UInt8(packet.count & 0xFF), steps << 1 | (isControl ? 1 : 0)]
      + packet
  }

  private static let videoSeeds: [[UInt8]] = {
    var random = RandomSource.seeded(5)
    var configuration = VideoSender.Configuration(
      ssrc: SSRC(rawValue: 1),
      payloadType: PayloadType(lowBitsOf: 102),
      cname: "c"
    )
    configuration.maximumPacketSize = 100
    configuration.retransmissionSSRC = SSRC(rawValue: 2)
    configuration.retransmissionPayloadType = PayloadType(lowBitsOf: 103)
    var sender = VideoSender(configuration, random: random, at: .zero)
    var whole: [UInt8] = []
    var holed: [UInt8] = []
    for number in 0..<4 {
      let now = Timestamp.zero + .milliseconds(33 * number)
      let frame = EncodedFrame.sample(
        number == 0 ? [8, 4, 150] : [90],
        types: number == 0 ? [7, 8, 5] : [1],
        number: UInt64(number),
        captured: now,
        isKeyframe: number == 0,
        using: &random
      )
      sender.enqueue(frame, at: now)
      while let packet = [UInt8](writing: { sender.nextPacket(into: &$0, at: now + .seconds(1)) }) {
        let piece = framed(packet, isControl: false, after: 2)
        whole += piece
        if number != 2 { holed += piece }
      }
      let wallClock = WallClock(unixNanoseconds: 0)
      if let control = [UInt8](writing: {
        sender.nextControl(into: &$0, at: now, wallClock: wallClock)
      }) {
        whole += framed(control, isControl: true, after: 1)
      }
    }
    let number = rtpHeader(whole.dropFirst(3)).map { $0 + 4 } ?? SequenceNumber(rawValue: 0)
    sender.receive(
      .genericNACK(
        sender: SSRC(rawValue: 7),
        media: SSRC(rawValue: 1),
        [.init(first: number, following: 7)]
      ),
      at: .zero + .seconds(1)
    )
    while let packet = [UInt8](writing: { sender.nextPacket(into: &$0, at: .zero + .seconds(2)) }) {
      holed += framed(packet, isControl: false, after: 1)
    }
    return [whole, holed]
  }()

  private static func rtpHeader(_ packet: ArraySlice<UInt8>) -> SequenceNumber? {
    let bytes = Array(packet)
    return RTPHeader.parse(bytes.span)?.header.sequenceNumber
  }

  private static let audioSeeds: [[UInt8]] = {
    var seed: [UInt8] = []
    for number: UInt8 in 0..<6 where number != 3 {
      let packet: [UInt8] =
        [0x80, 111, 0xFF, 0xFD &+ number, 0, 0, number &* 3, 0xC0, 0, 0, 0, 1, number, 1, 2]
      seed += framed(packet, isControl: false, after: 5)
    }
    let bye = [UInt8](writing: { RTCPPacket.bye([SSRC(rawValue: 1)]).write(into: &$0) }) ?? []
    var redundant: [UInt8] = []
    for number: UInt8 in 0..<6 where number != 3 {
      let packet: [UInt8] =
        [0x80, 63, 0xFF, 0xFD &+ number, 0, 0, number &* 3, 0xC0, 0, 0, 0, 1]
        + [0x80 | 111, 0x03, 0, 2, 111, number &- 1, 1, number, 2]
      redundant += framed(packet, isControl: false, after: 5)
    }
    return [seed, redundant, seed + framed(bye, isControl: true, after: 1) + seed]
  }()
}
