// SPDX-License-Identifier: Apache-2.0
private import Wire

/// A walk over the header extension elements of one RTP packet (RFC 8285 sections 4.2 and 4.3).
///
///     one-byte form, profile 0xBEDE          two-byte form, profile 0x100x
///     | id:4 | length-1:4 | value … |        | id:8 | length:8 | value … |
///
/// A zero byte between elements is padding. In the one-byte form id 15, and id 0 with a length, end
/// the walk. An element that does not fit ends it too; what was found before remains good.
public struct RTPExtensions: ~Escapable {
  /// One element: its negotiated number and where its value lies in the packet.
  public struct Element: Hashable, Sendable {
    /// The number that SDP's extmap gave the extension.
    public var id: UInt8
    /// The value's bytes, as offsets in the packet.
    public var value: Range<Int>
  }

  private enum Form {
    case oneByte
    case twoByte
    case unknown
  }

  private var reader: ByteReader
  private let form: Form
  private let start: Int

  /// Starts at the first extension element of `packet`, whose parsed header is `header`.
  @_lifetime(copy packet)
  public init(of packet: Span<UInt8>, header: RTPHeader) {
    let block = header.extensions
    let range = block?.range.clamped(to: 0..<packet.count) ?? 0..<0
    reader = ByteReader(packet.extracting(range))
    start = range.lowerBound
    switch block?.profile {
    case 0xBEDE?: form = .oneByte
    case let profile? where profile >> 4 == 0x100: form = .twoByte
    default: form = .unknown
    }
  }

  /// The next element; `nil` after the last.
  public mutating func next() -> Element? {
    while let first = reader.readUInt8() {
      // Padding between elements. In the one-byte form only the whole zero byte is (section 4.2).
      if first == 0 { continue }
      let id: UInt8
      let length: Int
      switch form {
      case .oneByte:
        id = first >> 4
        length = Int(first & 0x0F) + 1
        // Both are reserved: what follows is not believed (section 4.2).
        guard id != 0, id != 15 else { return nil }
      case .twoByte:
        guard let second = reader.readUInt8() else { return nil }
        id = first
        length = Int(second)
      case .unknown:
        return nil
      }
      let position = start + reader.position
      guard reader.skip(length) else { return nil }
      return Element(id: id, value: position..<(position + length))
    }
    return nil
  }
}

/// The header extension elements that a sender of video writes, in the one-byte form.
///
/// An element whose id is not 1 to 14, or whose value is not 1 to 16 bytes, has no place in this
/// form and is left out.
struct OutgoingExtensions: Sendable {
  private static let headerSize = 4

  private let mid: [UInt8]
  private let midID: UInt8
  private let playoutDelayID: UInt8

  /// Creates the set of a stream; ids are the numbers from SDP, `nil` where not negotiated.
  init(mid: String?, midExtensionID: UInt8?, playoutDelayExtensionID: UInt8?) {
    let oneByteIDs = UInt8(1)...14
    let bytes = Array((mid ?? "").utf8)
    if let id = midExtensionID, oneByteIDs.contains(id), (1...16).contains(bytes.count) {
      self.mid = bytes
      midID = id
    } else {
      self.mid = []
      midID = 0
    }
    if let id = playoutDelayExtensionID, oneByteIDs.contains(id), id != midID {
      playoutDelayID = id
    } else {
      playoutDelayID = 0
    }
  }

  /// Whether the receiver can be told how long to hold pictures back.
  var carryPlayoutDelay: Bool { playoutDelayID != 0 }

  /// The bytes that the block takes in a packet, its own header included; 0 without elements.
  var size: Int {
    let elements = elementsSize
    return elements == 0 ? 0 : Self.headerSize + (elements + 3) & ~3
  }

  private var elementsSize: Int {
    (mid.isEmpty ? 0 : 1 + mid.count) + (playoutDelayID == 0 ? 0 : 4)
  }

  /// Appends the block: MID (RFC 9143 section 15) and `playoutDelay`.
  @_lifetime(slot: copy slot)
  func write(_ playoutDelay: PlayoutDelay = .none, into slot: inout OutputSpan<UInt8>) {
    guard size > 0, slot.freeCapacity >= size else { return }
    let words = UInt16(truncatingIfNeeded: (size - Self.headerSize) / 4)
    slot.append(bigEndian: UInt16(0xBEDE))
    slot.append(bigEndian: words)
    if !mid.isEmpty {
      slot.append(midID << 4 | UInt8(truncatingIfNeeded: mid.count - 1))
      slot.append(copying: mid.span)
    }
    if playoutDelayID != 0 {
      slot.append(playoutDelayID << 4 | 2)
      playoutDelay.write(into: &slot)
    }
    slot.append(repeating: 0, count: Int(words) * 4 - elementsSize)
  }
}
