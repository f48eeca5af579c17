// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct Y4MParserTests {
  /// Reads `bytes` as a source would, at most `chunk` at a time; the pictures' first samples.
  private static func feed(_ bytes: [UInt8], chunk: Int = 4096) throws -> [UInt8] {
    var parser = Y4MParser()
    var position = 0
    var firsts: [UInt8] = []
    while true {
      switch parser.step {
      case .line(let wanted):
        let end = min(position + min(wanted, chunk), bytes.count)
        guard end > position else { return firsts }
        try parser.receive(bytes.span.extracting(position..<end))
        position = end
      case .samples(let offset, let wanted):
        #expect(offset + wanted == parser.pictureByteCount)
        let count = min(wanted, chunk, bytes.count - position)
        guard count > 0 else { return firsts }
        if offset == 0 { firsts.append(bytes[position]) }
        parser.receive(samples: count)
        position += count
      case .complete: parser.nextPicture()
      }
    }
  }

  @Test(arguments: [1, 7, 64, 100_000])
  func `finds every picture whatever the sizes of the reads`(_ chunk: Int) throws {
    #expect(try Self.feed(y4m(5), chunk: chunk) == [1, 2, 3, 4, 5])
  }

  @Test func `passes over parameters of a frame`() throws {
    var bytes = y4m(1)
    bytes += Array("FRAME Ixyz\n".utf8) + [UInt8](repeating: 9, count: 32 * 16 * 3 / 2)
    #expect(try Self.feed(bytes) == [1, 9])
  }

  @Test func `ends an endless line`() {
    let head = Array("YUV4MPEG2 W32 H16 X".utf8)
    #expect(throws: Y4MHeader.Malformed(reason: "has an endless first line")) {
      try Self.feed(head + [UInt8](repeating: 65, count: 5000))
    }
    #expect(throws: Y4MHeader.Malformed.self) {
      try Self.feed(y4m(0) + Array("FRAME ".utf8) + [UInt8](repeating: 65, count: 5000))
    }
  }

  @Test func `says when a picture is not where it should be`() {
    #expect(throws: Y4MHeader.Malformed.self) { try Self.feed(y4m(1) + Array("FRAMED\n".utf8)) }
    #expect(throws: Y4MHeader.Malformed.self) { try Self.feed(y4m(1) + Array("JUNK".utf8)) }
  }

  @Test func `survives mutated streams`() {
    let seeds = [
      y4m(2), y4m(1, rate: "0:0", extra: ""),
      Array("YUV4MPEG2 W16 H16 F25:1 Ip C420\nFRAME\n".utf8),
      Array("YUV4MPEG2 W1280 H720 F30000:1001 It A0:0 C444 XCOLORRANGE=LIMITED\n".utf8),
    ]
    var random = RandomSource.seeded(7)
    for _ in 0..<4000 {
      var bytes = seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let reach = min(bytes.count, 80)
        let index = Int.random(in: 0..<reach, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[index] = UInt8.random(in: 48...57, using: &random)
        case 2: bytes.insert(contentsOf: bytes[index..<min(index + 9, reach)], at: index)
        default: bytes.remove(at: index)
        }
      }
      _ = try? Self.feed(bytes, chunk: Int.random(in: 1...300, using: &random))
    }
  }
}
