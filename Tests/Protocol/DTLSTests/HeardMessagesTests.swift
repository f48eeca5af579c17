// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import DTLS

struct HeardMessagesTests {
  /// A cleartext record with one whole message.
  private func record(type: UInt8 = 2, number: UInt8, body: [UInt8]) -> [UInt8] {
    let length = UInt8(body.count)
    return [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, length + 12]
      + [type, 0, 0, length, 0, number, 0, 0, 0, 0, 0, length] + body
  }

  private func bodies(_ heard: HeardMessages) -> [[UInt8]] {
    var random = RandomSource.seeded(1)
    return heard.chosen(byChance: &random, isByChance: false).map { Array($0.dropFirst(12)) }
  }

  @Test func `prefers what came twice, then what came last`() {
    var heard = HeardMessages()
    heard.hear(record(number: 1, body: [1]) + record(number: 0, body: [9]))
    #expect(bodies(heard) == [[9], [1]])
    #expect(!heard.isAmbiguous)
    heard.hear(record(number: 1, body: [2]))
    #expect(heard.isAmbiguous)
    #expect(bodies(heard) == [[9], [2]])
    heard.hear(record(number: 1, body: [1]))
    heard.hear(record(number: 1, body: [3]))
    #expect(bodies(heard) == [[9], [1]])
  }

  @Test func `leaves out what the handshake broke over, until it comes again`() {
    var heard = HeardMessages()
    let broken = record(number: 3, body: [7])
    heard.hear(broken)
    heard.suspect(broken)
    #expect(bodies(heard) == [])
    heard.hear(broken)
    #expect(bodies(heard) == [[7]])
  }

  @Test func `is bounded, and keeps what came twice`() {
    var heard = HeardMessages()
    let trueRecord = record(number: 1, body: [0, 0])
    heard.hear(trueRecord)
    heard.hear(trueRecord)
    for value in UInt16(1)...5000 {
      heard.hear(record(number: 1, body: [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]))
    }
    var random = RandomSource.seeded(2)
    var seen: Set<[UInt8]> = []
    for _ in 0..<20_000 {
      for message in heard.chosen(byChance: &random, isByChance: true) { seen.insert(message) }
    }
    #expect(seen.count * (14 + 64) <= HeardMessages.limit)
    #expect(bodies(heard) == [[0, 0]])
  }
}
