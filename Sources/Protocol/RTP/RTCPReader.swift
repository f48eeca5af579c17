// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import Wire

/// A walk over the packets of an RTCP datagram, compound or reduced-size (RFC 3550, RFC 5506).
///
/// The walk never ends the program and takes time linear in the datagram. A packet whose length
/// leads past the end stops it; a packet that is malformed within its length is counted and passed
/// over, so that what stands behind it is still read.
public struct RTCPReader: ~Escapable {
  /// Entries of one feedback packet that are read; those beyond are left out.
  static let maximumEntries = 256
  /// Bytes of transport-wide feedback that are kept.
  static let maximumRaw = 1500

  /// How many packets were malformed so far.
  public private(set) var malformed = 0
  private var reader: ByteReader

  /// Starts at the first packet of `datagram`.
  @_lifetime(copy datagram)
  public init(_ datagram: Span<UInt8>) {
    reader = ByteReader(datagram)
  }

  /// The next packet that is well-formed; `nil` after the last.
  public mutating func next() -> RTCPPacket? {
    while !reader.isAtEnd {
      guard let first = reader.readUInt8(), let type = reader.readUInt8(),
        let words = reader.readUInt16(), first >> 6 == 2,
        let rest = reader.readSpan(Int(words) * 4)
      else {
        malformed += 1
        reader.skip(reader.remaining)
        return nil
      }
      var body = rest
      if first & 0x20 != 0 {
        guard let shorter = Self.withoutPadding(rest) else {
          malformed += 1
          continue
        }
        body = shorter
      }
      if let packet = Self.packet(type: type, format: first & 0x1F, body) { return packet }
      malformed += 1
    }
    return nil
  }

  @_lifetime(copy body)
  private static func withoutPadding(_ body: Span<UInt8>) -> Span<UInt8>? {
    guard !body.isEmpty else { return nil }
    let padding = Int(body[body.count - 1])
    guard padding > 0, padding % 4 == 0, padding <= body.count else { return nil }
    return body.extracting(0..<(body.count - padding))
  }

  private static func packet(type: UInt8, format: UInt8, _ body: Span<UInt8>) -> RTCPPacket? {
    var reader = ByteReader(body)
    switch (type, format) {
    case (200, _): return senderReport(&reader, blocks: Int(format))
    case (201, _):
      guard let ssrc = readSSRC(&reader), let blocks = reportBlocks(&reader, count: Int(format))
      else { return nil }
      return .receiverReport(.init(ssrc: ssrc, reports: blocks))
    case (202, _): return sourceDescription(&reader, chunks: Int(format))
    case (203, _):
      var sources: [SSRC] = []
      for _ in 0..<format {
        guard let ssrc = readSSRC(&reader) else { return nil }
        sources.append(ssrc)
      }
      return .bye(sources)
    case (205, _), (206, _):
      guard let sender = readSSRC(&reader), let media = readSSRC(&reader) else { return nil }
      return feedback(type: type, format: format, sender: sender, media: media, &reader)
    case (207, _): return RTCPPacket.ExtendedReport(&reader).map { .extendedReport($0) }
    default: return .unknown(type: type, format: format)
    }
  }

  private static func readSSRC(_ reader: inout ByteReader) -> SSRC? {
    reader.readUInt32().map(SSRC.init(rawValue:))
  }

  private static func senderReport(_ reader: inout ByteReader, blocks: Int) -> RTCPPacket? {
    guard let ssrc = readSSRC(&reader), let ntp = reader.readUInt64(),
      let timestamp = reader.readUInt32(), let packets = reader.readUInt32(),
      let octets = reader.readUInt32(), let reports = reportBlocks(&reader, count: blocks)
    else { return nil }
    return .senderReport(
      .init(
        ssrc: ssrc,
        ntp: ntp,
        timestamp: RTPTime(rawValue: timestamp),
        packetCount: packets,
        octetCount: octets,
        reports: reports
      )
    )
  }

  private static func reportBlocks(
    _ reader: inout ByteReader,
    count: Int
  ) -> [RTCPPacket.ReportBlock]? {
    guard reader.remaining >= count * 24 else { return nil }
    var blocks: [RTCPPacket.ReportBlock] = []
    for _ in 0..<count {
      guard let ssrc = readSSRC(&reader), let fraction = reader.readUInt8(),
        let lost = reader.readUInt24(), let highest = reader.readUInt32(),
        let jitter = reader.readUInt32(), let last = reader.readUInt32(),
        let delay = reader.readUInt32()
      else { return nil }
      blocks.append(
        .init(
          ssrc: ssrc,
          fractionLost: fraction,
          // 24 bits with a sign: moved up to the sign of 32 bits, and back down.
          cumulativeLost: Int32(truncatingIfNeeded: lost << 8) >> 8,
          highestSequenceNumber: ExtendedSequenceNumber(rawValue: highest),
          jitter: jitter,
          lastSenderReport: last,
          delaySinceLastSenderReport: delay
        )
      )
    }
    return blocks
  }

  private static func sourceDescription(_ reader: inout ByteReader, chunks: Int) -> RTCPPacket? {
    var descriptions: [RTCPPacket.SourceDescription] = []
    for _ in 0..<chunks {
      guard let ssrc = readSSRC(&reader) else { return nil }
      var description = RTCPPacket.SourceDescription(ssrc: ssrc, canonicalName: "")
      while true {
        guard let item = reader.readUInt8() else { return nil }
        if item == 0 { break }
        guard let length = reader.readUInt8(), let text = reader.readBytes(Int(length)) else {
          return nil
        }
        if item == 1 { description.canonicalName = String(decoding: text, as: UTF8.self) }
        if item == 15 { description.mid = String(decoding: text, as: UTF8.self) }
      }
      // The zero that ends the items is followed by zeros up to the next word.
      guard reader.skip((4 - reader.position % 4) % 4) else { return nil }
      descriptions.append(description)
    }
    return .sourceDescription(descriptions)
  }

  private static func feedback(
    type: UInt8,
    format: UInt8,
    sender: SSRC,
    media: SSRC,
    _ reader: inout ByteReader
  ) -> RTCPPacket? {
    switch (type, format) {
    case (205, 1): return negativeAcknowledgement(sender: sender, media: media, &reader)
    case (205, 3):
      return bitrateLimits(&reader)
        .map { .temporaryMaximumBitrateRequest(sender: sender, $0) }
    case (205, 4):
      return bitrateLimits(&reader)
        .map { .temporaryMaximumBitrateNotification(sender: sender, $0) }
    case (205, 15):
      guard let raw = reader.readBytes(min(reader.remaining, maximumRaw)) else { return nil }
      return .transportFeedback(sender: sender, media: media, raw)
    case (206, 1): return .pictureLossIndication(sender: sender, media: media)
    case (206, 4): return fullIntraRequest(sender: sender, &reader)
    case (206, 15): return receiverEstimate(sender: sender, &reader)
    default: return .unknown(type: type, format: format)
    }
  }

  private static func negativeAcknowledgement(
    sender: SSRC,
    media: SSRC,
    _ reader: inout ByteReader
  ) -> RTCPPacket? {
    guard reader.remaining >= 4 else { return nil }
    var entries: [RTCPPacket.MissingPackets] = []
    while entries.count < maximumEntries, let first = reader.readUInt16(),
      let following = reader.readUInt16()
    {
      entries.append(.init(first: SequenceNumber(rawValue: first), following: following))
    }
    return .genericNACK(sender: sender, media: media, entries)
  }

  private static func fullIntraRequest(sender: SSRC, _ reader: inout ByteReader) -> RTCPPacket? {
    guard reader.remaining >= 8 else { return nil }
    var entries: [RTCPPacket.FullIntraRequest] = []
    while entries.count < maximumEntries, let ssrc = readSSRC(&reader),
      let number = reader.readUInt8(), reader.skip(3)
    {
      entries.append(.init(ssrc: ssrc, number: number))
    }
    return .fullIntraRequest(sender: sender, entries)
  }

  private static func bitrateLimits(_ reader: inout ByteReader) -> [RTCPPacket.BitrateLimit]? {
    guard reader.remaining % 8 == 0 else { return nil }
    var entries: [RTCPPacket.BitrateLimit] = []
    while entries.count < maximumEntries, let ssrc = readSSRC(&reader),
      let word = reader.readUInt32()
    {
      // | exponent:6 | mantissa:17 | overhead:9 |
      let mantissa = UInt64(word >> 9 & 0x1FFFF)
      entries.append(
        .init(
          ssrc: ssrc,
          bitrate: scaled(mantissa, exponent: word >> 26),
          overhead: UInt16(truncatingIfNeeded: word & 0x1FF)
        )
      )
    }
    return entries
  }

  private static func receiverEstimate(sender: SSRC, _ reader: inout ByteReader) -> RTCPPacket? {
    // Format 15 is for any application: only those that say "REMB" are ours to read.
    guard let name = reader.readUInt32() else { return nil }
    guard name == 0x5245_4D42 else { return .unknown(type: 206, format: 15) }
    guard let count = reader.readUInt8(), let word = reader.readUInt24() else { return nil }
    guard reader.remaining >= Int(count) * 4 else { return nil }
    var sources: [SSRC] = []
    for _ in 0..<count {
      guard let ssrc = readSSRC(&reader) else { return nil }
      sources.append(ssrc)
    }
    // | exponent:6 | mantissa:18 |
    let bitrate = scaled(UInt64(word & 0x3FFFF), exponent: word >> 18)
    return .receiverEstimatedMaximumBitrate(sender: sender, bitrate, media: sources)
  }

  /// `mantissa` times two to the power of `exponent`, saturated.
  private static func scaled(_ mantissa: UInt64, exponent: UInt32) -> Bitrate {
    let limit = UInt64(Int.max)
    guard mantissa == 0 || exponent < 46 else { return Bitrate(bitsPerSecond: Int.max) }
    let bits = mantissa == 0 ? 0 : min(mantissa << UInt64(exponent), limit)
    return Bitrate(bitsPerSecond: Int(truncatingIfNeeded: bits))
  }
}
