// SPDX-License-Identifier: Apache-2.0
internal import SCTP
internal import Wire

/// A peer that sends whatever it is told to, to an association that believes in it.
struct SCTPPuppet {
  /// The association under test.
  var association: SCTPAssociation
  var now = Timestamp.zero
  /// The tag by which the association knows its own packets.
  private(set) var tag: UInt32 = 0
  /// The first TSN of the association.
  private(set) var theirTSN: UInt32 = 0
  /// The next TSN of ours.
  var tsn: UInt32
  var events: [SCTPEvent] = []
  /// Chunks that the association has sent, each with its header.
  var heard: [[UInt8]] = []
  /// Whether events are fetched.
  var isReading = true

  static let ourTag: UInt32 = 0x1111_1111

  /// An association that stands, with a peer that can do what `parameters` of its INIT say.
  init(
    _ configuration: SCTPConfiguration = .init(),
    parameters: [UInt8] = SCTPPuppet.allExtensions,
    window: UInt32 = 1 << 20,
    streams: UInt16 = 1024,
    tsn: UInt32 = 1
  ) {
    self.tsn = tsn
    association = SCTPAssociation(configuration, random: .seeded(7), at: .zero)
    var initiation: [UInt8] = []
    initiation.append(bigEndian: Self.ourTag)
    initiation.append(bigEndian: window)
    initiation.append(bigEndian: streams)
    initiation.append(bigEndian: streams)
    initiation.append(bigEndian: tsn)
    send([Self.chunk(1, initiation + parameters)])
    guard let answer = heard.first(where: { $0.first == 2 }) else { return }
    var reader = ByteReader(answer.span)
    reader.skip(4)
    tag = reader.readUInt32() ?? 0
    reader.skip(8)
    theirTSN = reader.readUInt32() ?? 0
    var cookie: [UInt8] = []
    while let type = reader.readUInt16(), let length = reader.readUInt16(),
      let value = reader.readBytes(Int(length) - 4)
    {
      if type == 7 { cookie = value }
      reader.skip(-Int(length) & 3)
    }
    send([Self.chunk(10, cookie)])
    heard = []
  }

  /// FORWARD TSN and RE-CONFIG, not I-DATA.
  static let allExtensions: [UInt8] = [0x80, 8, 0, 6, 0xC0, 0x82, 0, 0, 0xC0, 0, 0, 4]
  /// I-DATA besides.
  static let interleaving: [UInt8] = [0x80, 8, 0, 8, 0xC0, 0x82, 0x40, 0xC2, 0xC0, 0, 0, 4]

  /// A chunk with its header and padding.
  static func chunk(_ type: UInt8, flags: UInt8 = 0, _ value: [UInt8] = []) -> [UInt8] {
    var bytes = [type, flags]
    bytes.append(bigEndian: UInt16(truncatingIfNeeded: value.count + 4))
    return bytes + value + [UInt8](repeating: 0, count: -value.count & 3)
  }

  /// A packet with a right checksum.
  static func packet(_ chunks: [[UInt8]], tag: UInt32) -> [UInt8] {
    var packet: [UInt8] = [0x13, 0x88, 0x13, 0x88]
    packet.append(bigEndian: tag)
    packet.append(bigEndian: UInt32(0))
    packet += chunks.joined()
    packet.replace(at: 8, bigEndian: Checksum.crc32c(packet.span).byteSwapped)
    return packet
  }

  /// DATA with the next TSN, or with `tsn`.
  mutating func data(
    _ payload: [UInt8],
    stream: UInt16 = 1,
    ssn: UInt16 = 0,
    flags: UInt8 = 3,
    tsn other: UInt32? = nil
  ) -> [UInt8] {
    var value: [UInt8] = []
    value.append(bigEndian: other ?? tsn)
    if other == nil { tsn &+= 1 }
    value.append(bigEndian: stream)
    value.append(bigEndian: ssn)
    value.append(bigEndian: UInt32(53))
    return Self.chunk(0, flags: flags, value + payload)
  }

  /// I-DATA with the next TSN; `last` is the fragment's number, or the protocol of a first one.
  mutating func interleavedData(
    _ payload: [UInt8],
    stream: UInt16 = 1,
    mid: UInt32,
    last: UInt32,
    flags: UInt8
  ) -> [UInt8] {
    var value: [UInt8] = []
    value.append(bigEndian: tsn)
    tsn &+= 1
    value.append(bigEndian: stream)
    value.append(bigEndian: UInt16(0))
    value.append(bigEndian: mid)
    value.append(bigEndian: last)
    return Self.chunk(0x40, flags: flags, value + payload)
  }

  /// A chunk of numbers of four bytes.
  static func words(_ type: UInt8, _ words: [UInt32], flags: UInt8 = 0) -> [UInt8] {
    var value: [UInt8] = []
    for word in words { value.append(bigEndian: word) }
    return chunk(type, flags: flags, value)
  }

  /// Sends chunks in one packet and listens to what comes of it.
  mutating func send(_ chunks: [[UInt8]], tag other: UInt32? = nil) {
    let packet = Self.packet(chunks, tag: other ?? tag)
    association.receive(packet.span, at: now)
    listen()
  }

  /// Sends bytes as they are.
  mutating func send(raw packet: [UInt8]) {
    association.receive(packet.span, at: now)
    listen()
  }

  /// Lets time pass.
  mutating func wait(_ duration: Duration) {
    let end = now + duration
    while let deadline = association.deadline, deadline <= end {
      now = max(now, deadline)
      association.advance(to: now)
      listen()
    }
    now = end
  }

  /// Fetches events and packets.
  mutating func listen() {
    while isReading, let event = association.nextEvent() { events.append(event) }
    while let packet = [UInt8](writing: { association.nextTransmit(into: &$0) }) {
      var reader = ByteReader(packet.span)
      reader.skip(12)
      while let type = reader.readUInt8(), let flags = reader.readUInt8(),
        let length = reader.readUInt16(), let value = reader.readBytes(Int(length) - 4)
      {
        heard.append([type, flags, UInt8(length >> 8), UInt8(length & 0xFF)] + value)
        reader.skip(-Int(length) & 3)
      }
    }
  }

  /// Messages among the events.
  var messages: [SCTPMessage] {
    events.compactMap { if case .received(let message) = $0 { message } else { nil } }
  }

  /// Why it was closed, if it was.
  var closure: SCTPClosure? {
    for case .closed(let closure) in events { return closure }
    return nil
  }

  /// The cumulative TSN, window, and blocks of the last SACK heard.
  var lastSACK: (cumulative: UInt32, window: UInt32, blocks: [[UInt16]])? {
    guard let chunk = heard.last(where: { $0.first == 3 }) else { return nil }
    var reader = ByteReader(chunk.span)
    reader.skip(4)
    guard let cumulative = reader.readUInt32(), let window = reader.readUInt32(),
      let count = reader.readUInt16(), reader.skip(2)
    else { return nil }
    var blocks: [[UInt16]] = []
    for _ in 0..<count {
      guard let start = reader.readUInt16(), let end = reader.readUInt16() else { return nil }
      blocks.append([start, end])
    }
    return (cumulative, window, blocks)
  }
}
