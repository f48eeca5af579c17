// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import Wire

extension RTCPPacket {
  /// Appends the packet; `false`, and nothing written, without room.
  ///
  /// Lists longer than the format can count are cut: 31 report blocks, chunks or BYE sources, 255
  /// REMB sources. `unknown` is written without a body.
  @discardableResult
  @_lifetime(slot: copy slot)
  public func write(into slot: inout OutputSpan<UInt8>) -> Bool {
    let bytes = encoded
    return slot.append(copying: bytes.span)
  }

  /// The packet's bytes.
  ///
  /// Control packets are few: one allocation each is cheaper than care.
  private var encoded: [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0]
    let (type, format) = appendBody(to: &bytes)
    while bytes.count % 4 != 0 { bytes.append(0) }
    bytes[0] = 0x80 | format
    bytes[1] = type
    bytes.replace(at: 2, bigEndian: UInt16(truncatingIfNeeded: bytes.count / 4 - 1))
    return bytes
  }

  /// Appends what follows the common header and answers the packet type and count or format.
  private func appendBody(to bytes: inout [UInt8]) -> (type: UInt8, format: UInt8) {
    switch self {
    case .senderReport(let report):
      bytes.append(bigEndian: report.ssrc.rawValue)
      bytes.append(bigEndian: report.ntp)
      bytes.append(bigEndian: report.timestamp.rawValue)
      bytes.append(bigEndian: report.packetCount)
      bytes.append(bigEndian: report.octetCount)
      return (200, Self.append(report.reports, to: &bytes))
    case .receiverReport(let report):
      bytes.append(bigEndian: report.ssrc.rawValue)
      return (201, Self.append(report.reports, to: &bytes))
    case .sourceDescription(let descriptions):
      let written = descriptions.prefix(31)
      for description in written { Self.append(description, to: &bytes) }
      return (202, UInt8(written.count))
    case .bye(let sources):
      let written = sources.prefix(31)
      for ssrc in written { bytes.append(bigEndian: ssrc.rawValue) }
      return (203, UInt8(written.count))
    case .extendedReport(let report):
      report.append(to: &bytes)
      return (207, 0)
    case .unknown(let type, let format):
      return (type, format & 0x1F)
    default:
      return appendFeedback(to: &bytes)
    }
  }

  private func appendFeedback(to bytes: inout [UInt8]) -> (type: UInt8, format: UInt8) {
    switch self {
    case .genericNACK(let sender, let media, let entries):
      Self.append(sender, media, to: &bytes)
      for entry in entries.prefix(RTCPReader.maximumEntries) {
        bytes.append(bigEndian: entry.first.rawValue)
        bytes.append(bigEndian: entry.following)
      }
      return (205, 1)
    case .temporaryMaximumBitrateRequest(let sender, let limits):
      Self.append(sender, SSRC(rawValue: 0), to: &bytes)
      Self.append(limits, to: &bytes)
      return (205, 3)
    case .temporaryMaximumBitrateNotification(let sender, let limits):
      Self.append(sender, SSRC(rawValue: 0), to: &bytes)
      Self.append(limits, to: &bytes)
      return (205, 4)
    case .transportFeedback(let sender, let media, let raw):
      Self.append(sender, media, to: &bytes)
      bytes += raw.prefix(RTCPReader.maximumRaw)
      return (205, 15)
    case .pictureLossIndication(let sender, let media):
      Self.append(sender, media, to: &bytes)
      return (206, 1)
    case .fullIntraRequest(let sender, let entries):
      Self.append(sender, SSRC(rawValue: 0), to: &bytes)
      for entry in entries.prefix(RTCPReader.maximumEntries) {
        bytes.append(bigEndian: entry.ssrc.rawValue)
        bytes.append(bigEndian: UInt32(entry.number) << 24)
      }
      return (206, 4)
    case .receiverEstimatedMaximumBitrate(let sender, let bitrate, let media):
      Self.append(sender, SSRC(rawValue: 0), to: &bytes)
      bytes.append(bigEndian: UInt32(0x5245_4D42))
      let (mantissa, exponent) = Self.scale(bitrate, mantissaBits: 18)
      let sources = media.prefix(255)
      bytes.append(bigEndian: UInt32(sources.count) << 24 | exponent << 18 | mantissa)
      for ssrc in sources { bytes.append(bigEndian: ssrc.rawValue) }
      return (206, 15)
    default:
      return (0, 0)
    }
  }

  private static func append(_ sender: SSRC, _ media: SSRC, to bytes: inout [UInt8]) {
    bytes.append(bigEndian: sender.rawValue)
    bytes.append(bigEndian: media.rawValue)
  }

  private static func append(_ blocks: [ReportBlock], to bytes: inout [UInt8]) -> UInt8 {
    let written = blocks.prefix(31)
    for block in written {
      bytes.append(bigEndian: block.ssrc.rawValue)
      let lost = max(-0x80_0000, min(block.cumulativeLost, 0x7F_FFFF))
      let low = UInt32(truncatingIfNeeded: lost) & 0xFF_FFFF
      bytes.append(bigEndian: UInt32(block.fractionLost) << 24 | low)
      bytes.append(bigEndian: block.highestSequenceNumber.rawValue)
      bytes.append(bigEndian: block.jitter)
      bytes.append(bigEndian: block.lastSenderReport)
      bytes.append(bigEndian: block.delaySinceLastSenderReport)
    }
    return UInt8(written.count)
  }

  private static func append(_ description: SourceDescription, to bytes: inout [UInt8]) {
    bytes.append(bigEndian: description.ssrc.rawValue)
    append(item: 1, description.canonicalName, to: &bytes)
    if let mid = description.mid { append(item: 15, mid, to: &bytes) }
    bytes.append(0)
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  private static func append(item: UInt8, _ text: String, to bytes: inout [UInt8]) {
    let text = Array(text.utf8).prefix(255)
    bytes.append(item)
    bytes.append(UInt8(text.count))
    bytes += text
  }

  private static func append(_ limits: [BitrateLimit], to bytes: inout [UInt8]) {
    for limit in limits.prefix(RTCPReader.maximumEntries) {
      bytes.append(bigEndian: limit.ssrc.rawValue)
      let (mantissa, exponent) = scale(limit.bitrate, mantissaBits: 17)
      let overhead = UInt32(min(limit.overhead, 0x1FF))
      bytes.append(bigEndian: exponent << 26 | mantissa << 9 | overhead)
    }
  }

  /// A rate as mantissa and power of two, rounded down.
  private static func scale(
    _ bitrate: Bitrate,
    mantissaBits: Int
  ) -> (mantissa: UInt32, exponent: UInt32) {
    var mantissa = UInt64(max(0, bitrate.bitsPerSecond))
    var exponent: UInt32 = 0
    while mantissa >> UInt64(mantissaBits) != 0 {
      mantissa >>= 1
      exponent += 1
    }
    return (UInt32(truncatingIfNeeded: mantissa), exponent)
  }
}
