// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct ByteWriterTests {
  @Test func `appends and replaces numbers, most significant byte first`() {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt8(1))
    bytes.append(bigEndian: UInt16(0x0203))
    bytes.append(bigEndian: UInt64(0x0405_0607_0809_0A0B))
    #expect(bytes == Array(1...11))
    bytes.replace(at: 1, bigEndian: UInt16(0xAABB))
    bytes.replace(at: 10, bigEndian: UInt8(0xCC))
    #expect(bytes == [1, 0xAA, 0xBB, 4, 5, 6, 7, 8, 9, 10, 0xCC])
  }

  @Test func `appends copies of spans`() {
    let part: [UInt8] = [7, 8]
    var bytes: [UInt8] = [6]
    bytes.append(copying: part.span)
    #expect(bytes == [6, 7, 8])
    #expect([UInt8](bytes.span) == bytes)
  }

  @Test func `writes into a lent slot only where there is room`() {
    var answers: [Bool] = []
    let bytes = [UInt8](writing: { slot in
      while slot.freeCapacity > 3 { slot.append(0) }
      answers.append(slot.append(bigEndian: UInt32(1)))
      answers.append(slot.append(bigEndian: UInt16(0x0102)))
      answers.append(slot.append(bigEndian: UInt8(3)))
      answers.append(slot.append(bigEndian: UInt8(4)))
      return true
    })
    #expect(answers == [false, true, true, false])
    #expect(bytes?.count == 4_096)
    #expect(bytes?.suffix(4) == [0, 1, 2, 3])
  }

  @Test func `collects what was written, and nothing else`() {
    let nothing = [UInt8](writing: { _ in true })
    let something = [UInt8](writing: { slot in slot.append(bigEndian: UInt8(5)) })
    let refused = [UInt8](writing: { slot in
      slot.append(5)
      return false
    })
    #expect(nothing == [])
    #expect(something == [5])
    #expect(refused == nil)
  }

  @Test func `lends as much room as asked for, and no more than 4,096 bytes`() {
    for (room, expected) in [(-1, 0), (0, 0), (7, 7), (4_096, 4_096), (5_000, 4_096)] {
      var found = -1
      let bytes = [UInt8](
        room: room,
        writing: { slot in
          found = slot.freeCapacity
          return true
        }
      )
      #expect(found == expected)
      #expect(bytes == [])
    }
  }
}
