// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// DATA and I-DATA (RFC 9260 section 3.3.1, RFC 8260 section 2.1), without their payload.
///
///     |   Type = 0    |  Res  |I|U|B|E|            Length             |
///     |                              TSN                              |
///     |      Stream Identifier S      |   Stream Sequence Number n    |
///     |                  Payload Protocol Identifier                  |
///     /                 User Data (seq n of Stream S)                 /
///
///     |  Type = 0x40  |  Res  |I|U|B|E|            Length             |
///     |                              TSN                              |
///     |        Stream Identifier      |           Reserved            |
///     |                  Message Identifier (MID)                     |
///     |    Payload Protocol Identifier / Fragment Sequence Number     |
///     /                           User Data                           /
struct DataChunk: Hashable, Sendable {
  /// Where the message stands in its stream, in the form of either chunk.
  enum Place: Hashable, Sendable {
    case sequence(SSN)
    case message(MID, fragment: FSN)
  }

  var tsn: TSN
  var stream: UInt16
  var place: Place
  /// I-DATA carries it in the first fragment only; elsewhere it is 0.
  var payloadProtocol: UInt32
  var isUnordered: Bool
  var isBeginning: Bool
  var isEnd: Bool
  /// Whether the sender wants its acknowledgement at once (RFC 9260 section 3.3.1).
  var isImmediate = false

  /// Bytes before the payload, chunk header included.
  static func headerLength(isInterleaved: Bool) -> Int { isInterleaved ? 20 : 16 }

  /// Reads the value of a chunk and how many of its bytes stand before the payload.
  static func parse(
    _ value: Span<UInt8>,
    flags: UInt8,
    isInterleaved: Bool
  ) -> (chunk: DataChunk, header: Int)? {
    var reader = ByteReader(value)
    guard let tsn = reader.readUInt32(), let stream = reader.readUInt16(),
      let sequence = reader.readUInt16(), let third = reader.readUInt32()
    else { return nil }
    let isBeginning = flags & 2 != 0
    var place = Place.sequence(SSN(rawValue: sequence))
    var payloadProtocol = third
    if isInterleaved {
      guard let fourth = reader.readUInt32() else { return nil }
      // The first fragment has no number and says the protocol in its place.
      place = .message(MID(rawValue: third), fragment: FSN(rawValue: isBeginning ? 0 : fourth))
      payloadProtocol = isBeginning ? fourth : 0
    }
    let chunk = DataChunk(
      tsn: TSN(rawValue: tsn),
      stream: stream,
      place: place,
      payloadProtocol: payloadProtocol,
      isUnordered: flags & 4 != 0,
      isBeginning: isBeginning,
      isEnd: flags & 1 != 0,
      isImmediate: flags & 8 != 0
    )
    return (chunk, reader.position)
  }

  /// Appends the chunk with its payload and padding; the caller has made sure of the room.
  func write(_ payload: Span<UInt8>, into slot: inout OutputSpan<UInt8>) {
    var flags: UInt8 = isEnd ? 1 : 0
    if isBeginning { flags |= 2 }
    if isUnordered { flags |= 4 }
    if isImmediate { flags |= 8 }
    switch place {
    case .sequence(let ssn):
      slot.append(ChunkType.data.rawValue)
      slot.append(flags)
      slot.append(bigEndian: UInt16(truncatingIfNeeded: payload.count + 16))
      slot.append(bigEndian: tsn.rawValue)
      slot.append(bigEndian: stream)
      slot.append(bigEndian: ssn.rawValue)
      slot.append(bigEndian: payloadProtocol)
    case .message(let mid, let fragment):
      slot.append(ChunkType.interleavedData.rawValue)
      slot.append(flags)
      slot.append(bigEndian: UInt16(truncatingIfNeeded: payload.count + 20))
      slot.append(bigEndian: tsn.rawValue)
      slot.append(bigEndian: stream)
      slot.append(bigEndian: UInt16(0))
      slot.append(bigEndian: mid.rawValue)
      slot.append(bigEndian: isBeginning ? payloadProtocol : fragment.rawValue)
    }
    slot.append(copying: payload)
    slot.append(repeating: 0, count: -payload.count & 3)
  }
}
