// SPDX-License-Identifier: Apache-2.0
private import Wire

/// The header of an RTP packet (RFC 3550 section 5.1, extension block of section 5.3.1).
///
///      bit 0 1 2 3 4       8 9          16                            31
///     |V=2|P|X|CSRC count|M|payload type|       sequence number        |
///     |                           timestamp                            |
///     |                             SSRC                               |
///     |                 CSRC, once per contributor                     |
///     | with X:  profile          |   length of what follows in words  |
///     |          extension elements (`RTPExtensions`)                  |
public struct RTPHeader: Hashable, Sendable {
  /// Bytes of a header without contributors and extensions.
  public static let minimumSize = 12

  /// Where the extension elements of a packet lie, and in which of the two forms.
  public struct ExtensionBlock: Hashable, Sendable {
    /// 0xBEDE for one-byte elements, 0x1000 to 0x100F for two-byte elements.
    public var profile: UInt16
    /// The elements' bytes, as offsets in the packet.
    public var range: Range<Int>

    /// Creates a block of `profile` whose elements lie at `range`.
    public init(profile: UInt16, range: Range<Int>) {
      self.profile = profile
      self.range = range
    }
  }

  /// For video: the last packet of a picture (RFC 6184 section 5.1).
  public var marker: Bool
  /// Which codec of the SDP the payload is in.
  public var payloadType: PayloadType
  /// The packet's place in its stream.
  public var sequenceNumber: SequenceNumber
  /// When the picture was captured, in ticks of the codec's clock.
  public var timestamp: RTPTime
  /// The stream.
  public var ssrc: SSRC
  /// How many contributing sources the packet names; read only, a sender of its own media has none.
  public private(set) var contributorCount = 0
  /// The packet's extension elements, if any; read only.
  public private(set) var extensions: ExtensionBlock?

  /// Creates a header without contributors and extensions.
  public init(
    marker: Bool = false,
    payloadType: PayloadType,
    sequenceNumber: SequenceNumber,
    timestamp: RTPTime,
    ssrc: SSRC
  ) {
    self.marker = marker
    self.payloadType = payloadType
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
    self.ssrc = ssrc
  }

  /// Reads the header of `packet` and finds its payload, padding taken off; `nil` if malformed.
  public static func parse(_ packet: Span<UInt8>) -> (header: RTPHeader, payload: Range<Int>)? {
    var reader = ByteReader(packet)
    guard let first = reader.readUInt8(), first >> 6 == 2,
      let second = reader.readUInt8(),
      let sequenceNumber = reader.readUInt16(),
      let timestamp = reader.readUInt32(),
      let ssrc = reader.readUInt32()
    else { return nil }
    var header = RTPHeader(
      marker: second & 0x80 != 0,
      payloadType: PayloadType(lowBitsOf: second),
      sequenceNumber: SequenceNumber(rawValue: sequenceNumber),
      timestamp: RTPTime(rawValue: timestamp),
      ssrc: SSRC(rawValue: ssrc)
    )
    header.contributorCount = Int(first & 0x0F)
    guard reader.skip(header.contributorCount * 4) else { return nil }
    if first & 0x10 != 0 {
      guard let profile = reader.readUInt16(), let words = reader.readUInt16() else { return nil }
      let start = reader.position
      guard reader.skip(Int(words) * 4) else { return nil }
      header.extensions = ExtensionBlock(profile: profile, range: start..<reader.position)
    }
    var end = packet.count
    if first & 0x20 != 0 {
      guard !reader.isAtEnd else { return nil }
      let padding = Int(packet[packet.count - 1])
      guard padding > 0, padding <= reader.remaining else { return nil }
      end -= padding
    }
    return (header, reader.position..<end)
  }

  /// Appends the twelve bytes of the header; `false`, and nothing written, without room.
  ///
  /// With `hasExtensions` the caller appends an extension block next (`OutgoingExtensions.write`).
  @discardableResult
  @_lifetime(slot: copy slot)
  public func write(into slot: inout OutputSpan<UInt8>, hasExtensions: Bool = false) -> Bool {
    guard slot.freeCapacity >= Self.minimumSize else { return false }
    slot.append(hasExtensions ? 0x90 : 0x80)
    slot.append((marker ? 0x80 : 0) | payloadType.rawValue)
    slot.append(bigEndian: sequenceNumber.rawValue)
    slot.append(bigEndian: timestamp.rawValue)
    slot.append(bigEndian: ssrc.rawValue)
    return true
  }
}
