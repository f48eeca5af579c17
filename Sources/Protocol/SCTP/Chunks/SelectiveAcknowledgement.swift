// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// SACK (RFC 9260 section 3.3.4).
///
///     |                      Cumulative TSN Ack                       |
///     |          Advertised Receiver Window Credit (a_rwnd)           |
///     | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = X |
///     |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      |
///     /                              ...                              /
///     |                        Duplicate TSN 1                        |
///     /                              ...                              /
struct SelectiveAcknowledgement: Hashable, Sendable {
  /// What came behind a hole, counted from the cumulative TSN: 1 would be the one next to it.
  struct Block: Hashable, Sendable {
    var start: UInt16
    var end: UInt16
  }

  var cumulativeTSN: TSN
  var window: UInt32
  var blocks: [Block] = []
  var duplicates: [TSN] = []

  /// Reads the value of a chunk; `nil` when a count leads beyond its end.
  ///
  /// Blocks must go upwards without touching. Duplicates are not read: nothing is done with them.
  static func parse(_ value: Span<UInt8>) -> SelectiveAcknowledgement? {
    var reader = ByteReader(value)
    guard let cumulative = reader.readUInt32(), let window = reader.readUInt32(),
      let blockCount = reader.readUInt16(), let duplicateCount = reader.readUInt16(),
      reader.remaining >= Int(blockCount) * 4 + Int(duplicateCount) * 4
    else { return nil }
    var chunk = SelectiveAcknowledgement(
      cumulativeTSN: TSN(rawValue: cumulative),
      window: window
    )
    var last: UInt16 = 0
    for _ in 0..<blockCount {
      guard let start = reader.readUInt16(), let end = reader.readUInt16(), start > last,
        end >= start
      else { return nil }
      chunk.blocks.append(Block(start: start, end: end))
      last = end
    }
    return chunk
  }

  /// Bytes on the wire, chunk header included.
  var length: Int { 16 + blocks.count * 4 + duplicates.count * 4 }

  /// Appends the chunk; the caller has made sure of the room.
  func write(into slot: inout OutputSpan<UInt8>) {
    slot.append(ChunkType.selectiveAcknowledgement.rawValue)
    slot.append(0)
    slot.append(bigEndian: UInt16(truncatingIfNeeded: length))
    slot.append(bigEndian: cumulativeTSN.rawValue)
    slot.append(bigEndian: window)
    slot.append(bigEndian: UInt16(truncatingIfNeeded: blocks.count))
    slot.append(bigEndian: UInt16(truncatingIfNeeded: duplicates.count))
    for block in blocks {
      slot.append(bigEndian: block.start)
      slot.append(bigEndian: block.end)
    }
    for duplicate in duplicates { slot.append(bigEndian: duplicate.rawValue) }
  }
}
