// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing
import Wire

/// `#expect` cannot look into a reader, which may not escape: `expectEqual` takes the values.
@Suite struct ByteReaderTests {
  @Test func `reads numbers of every width, most significant byte first`() throws {
    let bytes: [UInt8] = Array(1...18)
    var reader = ByteReader(bytes.span)
    try expectEqual(reader.readUInt8(), 0x01)
    try expectEqual(reader.readUInt16(), 0x0203)
    try expectEqual(reader.readUInt24(), 0x0004_0506)
    try expectEqual(reader.readUInt32(), 0x0708_090A)
    try expectEqual(reader.readUInt64(), 0x0B0C_0D0E_0F10_1112)
    try expectEqual(reader.isAtEnd, true)
    try expectEqual(reader.position, 18)
  }

  @Test func `answers nil at the end and leaves the position`() throws {
    for count in 0..<8 {
      let bytes = [UInt8](repeating: 0xFF, count: count)
      var reader = ByteReader(bytes.span)
      try expectEqual(reader.readUInt64(), nil)
      if count < 4 { try expectEqual(reader.readUInt32(), nil) }
      if count < 3 { try expectEqual(reader.readUInt24(), nil) }
      if count < 2 { try expectEqual(reader.readUInt16(), nil) }
      if count < 1 { try expectEqual(reader.readUInt8(), nil) }
      try expectEqual(reader.position, 0)
      try expectEqual(reader.remaining, count)
    }
  }

  @Test func `takes parts out of the middle, and none past the end`() throws {
    let bytes: [UInt8] = Array(0...9)
    var reader = ByteReader(bytes.span)
    try expectEqual(reader.skip(2), true)
    try expectEqual(reader.readBytes(3), [2, 3, 4])
    if let part = reader.readSpan(2) {
      try expectEqual([UInt8](part), [5, 6])
    } else {
      Issue.record("two bytes were there")
    }
    try expectEqual(reader.readBytes(4), nil)
    try expectEqual(reader.readSpan(.max) == nil, true)
    try expectEqual(reader.skip(4), false)
    try expectEqual(reader.remaining, 3)
    try expectEqual(reader.readBytes(3), [7, 8, 9])
    try expectEqual(reader.readBytes(0), [])
    try expectEqual(reader.skip(0), true)
  }

  @Test func `refuses negative counts`() throws {
    let bytes: [UInt8] = [1, 2, 3]
    var reader = ByteReader(bytes.span)
    try expectEqual(reader.skip(1), true)
    try expectEqual(reader.skip(-1), false)
    try expectEqual(reader.readSpan(-1) == nil, true)
    try expectEqual(reader.readBytes(.min), nil)
    try expectEqual(reader.position, 1)
  }
}
