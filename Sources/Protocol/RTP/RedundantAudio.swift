// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The payload of a packet of sound with copies of the packets before it in front (RFC 2198 section 3).
///
///      bit 0 1             8                        22          31
///     |F=1|  payload type  |  how much earlier  |  length in bytes  |    once per copy
///     |F=0|  payload type  |                                             of the newest
///     |  the copies, the oldest first, then the newest
public struct RedundantAudio: Hashable, Sendable {
  /// One of the parts.
  public struct Block: Hashable, Sendable {
    /// Which codec of the SDP it is in.
    public var payloadType: PayloadType
    /// Ticks by which it is earlier than the packet.
    public var offset: UInt16
    /// Its bytes, as offsets in the payload.
    public var range: Range<Int>
  }

  /// Copies that are read; senders of sound repeat one packet or two.
  public static let maximumCopies = 8
  /// The most ticks that a copy may be earlier.
  static let maximumOffset: Int32 = 0x3FFF
  /// The most bytes of a copy.
  static let maximumCopySize = 0x3FF
  /// Bytes in front of a packet with one copy.
  static let headerSize = 5

  /// The copies, the oldest first.
  public private(set) var copies: [Block] = []
  /// What the packet would be without them.
  public private(set) var newest: Block

  /// Reads a payload; `nil` where it is malformed or has too many copies.
  public init?(parsing payload: Span<UInt8>) {
    var reader = ByteReader(payload)
    var lengths: [Int] = []
    while true {
      guard let first = reader.readUInt8() else { return nil }
      let payloadType = PayloadType(lowBitsOf: first)
      guard first & 0x80 != 0 else {
        newest = Block(payloadType: payloadType, offset: 0, range: 0..<0)
        break
      }
      guard copies.count < Self.maximumCopies, let upper = reader.readUInt16(),
        let lower = reader.readUInt8()
      else { return nil }
      copies.append(Block(payloadType: payloadType, offset: upper >> 2, range: 0..<0))
      lengths.append(Int(upper & 3) << 8 | Int(lower))
    }
    var place = payload.count - reader.remaining
    for (index, length) in lengths.enumerated() {
      guard length <= payload.count - place else { return nil }
      copies[index].range = place..<(place + length)
      place += length
    }
    newest.range = place..<payload.count
  }

  /// Writes a payload with one copy, which is `offset` ticks earlier; `false` without room, or where the
  /// copy is too long or too early to be told.
  @_lifetime(slot: copy slot)
  static func write(
    _ newest: Span<UInt8>,
    copy: Span<UInt8>,
    offset: Int32,
    _ payloadType: PayloadType,
    into slot: inout OutputSpan<UInt8>
  ) -> Bool {
    guard slot.freeCapacity >= headerSize + copy.count + newest.count,
      copy.count <= maximumCopySize, (1...maximumOffset).contains(offset)
    else { return false }
    let header = UInt32(offset) << 10 | UInt32(copy.count)
    slot.append(0x80 | payloadType.rawValue)
    for shift: UInt32 in [16, 8, 0] { slot.append(UInt8(truncatingIfNeeded: header >> shift)) }
    slot.append(payloadType.rawValue)
    slot.append(copying: copy)
    slot.append(copying: newest)
    return true
  }
}
