// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// FORWARD TSN and I-FORWARD-TSN: what the sender has given up (RFC 3758, RFC 8260 section 2.3.1).
///
///     |                      New Cumulative TSN                       |
///     |         Stream-1              |       Stream Sequence-1       |
///
///     |                      New Cumulative TSN                       |
///     |       Stream Identifier       |          Reserved           |U|
///     |                       Message Identifier                      |
struct ForwardTSNChunk: Hashable, Sendable {
  /// The last message of a stream that will not come.
  struct Skip: Hashable, Sendable {
    var stream: UInt16
    /// Only I-FORWARD-TSN tells of unordered messages.
    var isUnordered = false
    /// FORWARD TSN carries the low 16 bits.
    var mid: MID
  }

  var cumulativeTSN: TSN
  var skips: [Skip]

  /// Reads the value of a chunk; `nil` when it is cut short.
  static func parse(_ value: Span<UInt8>, isInterleaved: Bool) -> ForwardTSNChunk? {
    var reader = ByteReader(value)
    guard let cumulative = reader.readUInt32() else { return nil }
    var chunk = ForwardTSNChunk(cumulativeTSN: TSN(rawValue: cumulative), skips: [])
    while let stream = reader.readUInt16() {
      guard let second = reader.readUInt16() else { return nil }
      guard isInterleaved else {
        chunk.skips.append(Skip(stream: stream, mid: MID(rawValue: UInt32(second))))
        continue
      }
      guard let mid = reader.readUInt32() else { return nil }
      let skip = Skip(stream: stream, isUnordered: second & 1 != 0, mid: MID(rawValue: mid))
      chunk.skips.append(skip)
    }
    return reader.isAtEnd ? chunk : nil
  }

  /// Bytes on the wire, chunk header included.
  static func length(skips: Int, isInterleaved: Bool) -> Int {
    8 + skips * (isInterleaved ? 8 : 4)
  }

  /// Appends the chunk; the caller has made sure of the room.
  func write(into slot: inout OutputSpan<UInt8>, isInterleaved: Bool) {
    let type: ChunkType = isInterleaved ? .interleavedForwardTSN : .forwardTSN
    let length = Self.length(skips: skips.count, isInterleaved: isInterleaved)
    slot.append(type.rawValue)
    slot.append(0)
    slot.append(bigEndian: UInt16(truncatingIfNeeded: length))
    slot.append(bigEndian: cumulativeTSN.rawValue)
    for skip in skips {
      slot.append(bigEndian: skip.stream)
      if isInterleaved {
        slot.append(bigEndian: UInt16(skip.isUnordered ? 1 : 0))
        slot.append(bigEndian: skip.mid.rawValue)
      } else {
        slot.append(bigEndian: skip.mid.ssn.rawValue)
      }
    }
  }
}
