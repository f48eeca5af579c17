// SPDX-License-Identifier: Apache-2.0
import Wire

@testable import SCTP

// Expectations cannot look into spans, so the steps in between are functions over arrays.

extension ChunkReader {
  static func reading(_ bytes: [UInt8], limit: Int = 100) -> (chunks: [RawChunk], isMalformed: Bool)
  {
    var reader = ChunkReader(from: 0, limit: limit)
    var chunks: [RawChunk] = []
    while let chunk = reader.next(in: bytes.span) { chunks.append(chunk) }
    return (chunks, reader.isMalformed)
  }
}

extension CommonHeader {
  static func parsing(_ packet: [UInt8]) -> CommonHeader? { parse(packet.span) }

  static func sealing(_ packet: [UInt8]) -> [UInt8]? {
    [UInt8](writing: { slot in
      slot.append(copying: packet.span)
      seal(&slot, from: 0)
      return true
    })
  }
}

extension InitiationChunk {
  static func parsing(_ value: [UInt8]) -> InitiationChunk? { parse(value.span) }
}

extension StateCookie {
  static func parsing(_ value: [UInt8], key: [UInt8]) -> StateCookie? {
    parse(value.span, key: key)
  }
}

extension DataChunk {
  static func parsing(
    _ value: [UInt8],
    flags: UInt8,
    isInterleaved: Bool
  ) -> (chunk: DataChunk, header: Int)? {
    parse(value.span, flags: flags, isInterleaved: isInterleaved)
  }

  func bytes(_ payload: [UInt8]) -> [UInt8]? {
    [UInt8](writing: { slot in
      write(payload.span, into: &slot)
      return true
    })
  }
}

extension SelectiveAcknowledgement {
  static func parsing(_ value: [UInt8]) -> SelectiveAcknowledgement? { parse(value.span) }

  var bytes: [UInt8]? {
    [UInt8](writing: { slot in
      write(into: &slot)
      return true
    })
  }
}

extension ForwardTSNChunk {
  static func parsing(_ value: [UInt8], isInterleaved: Bool) -> ForwardTSNChunk? {
    parse(value.span, isInterleaved: isInterleaved)
  }

  func bytes(isInterleaved: Bool) -> [UInt8]? {
    [UInt8](writing: { slot in
      write(into: &slot, isInterleaved: isInterleaved)
      return true
    })
  }
}

extension ReconfigurationParameter {
  static func parsing(_ bytes: [UInt8]) -> ReconfigurationParameter? {
    guard let raw = ChunkReader.reading(bytes).chunks.first else { return nil }
    return parse(raw, of: bytes.span)
  }
}

extension Reassembly {
  mutating func receive(_ chunk: DataChunk, bytes: [UInt8]) -> Refusal? {
    receive(chunk, bytes.span)
  }
}

extension SCTPAssociation {
  mutating func receive(_ packet: [UInt8], at now: Timestamp) { receive(packet.span, at: now) }

  mutating func nextPacket(room: Int = 2_000) -> [UInt8]? {
    [UInt8](room: room, writing: { nextTransmit(into: &$0) })
  }
}
