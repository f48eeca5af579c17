// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Codecs

struct G711Tests {
  /// ITU-T G.711 tables 1a to 2b: the byte, and the value at the decoder output, in 16 bits.
  @Test(arguments: [
    (0x80, 32_124), (0x8F, 16_764), (0x9F, 8316), (0xAF, 4092), (0xBF, 1980), (0xCF, 924),
    (0xDF, 396), (0xEF, 132), (0xFE, 8), (0xFF, 0), (0x7F, 0), (0x7E, -8), (0x6F, -132),
    (0x0F, -16_764), (0x00, -32_124),
  ])
  func `decodes the µ-law values of the tables`(_ byte: Int, _ sample: Int) {
    #expect(Int(G711.muLaw.decode(UInt8(byte))) == sample)
  }

  @Test(arguments: [
    (0xAA, 32_256), (0xA5, 16_896), (0xB5, 8448), (0x85, 4224), (0x95, 2112), (0xE5, 1056),
    (0xF5, 528), (0xC5, 264), (0xD4, 24), (0xD5, 8), (0x55, -8), (0x54, -24), (0x45, -264),
    (0x25, -16_896), (0x2A, -32_256),
  ])
  func `decodes the A-law values of the tables`(_ byte: Int, _ sample: Int) {
    #expect(Int(G711.aLaw.decode(UInt8(byte))) == sample)
  }

  @Test(arguments: [G711.muLaw, .aLaw])
  func `encodes every sample within half a step of its segment, in order`(_ law: G711) throws {
    let values = Set((0...255).map { Int(law.decode(UInt8($0))) }).sorted()
    let steps = zip(values, values.dropFirst()).map { $1 - $0 }
    var previous = Int.min
    for sample in Int16.min...Int16.max {
      let decoded = Int(law.decode(law.encode(sample)))
      let place = try #require(values.firstIndex(of: decoded))
      let step = max(place > 0 ? steps[place - 1] : 0, place < steps.count ? steps[place] : 0)
      // Beyond the last value all is the last value.
      let isClipped = abs(Int(sample)) > values[values.count - 1]
      let isNear = abs(decoded - Int(sample)) <= step / 2 || isClipped
      guard decoded >= previous, isNear else {
        Issue.record("\(law): \(sample) becomes \(decoded) after \(previous)")
        return
      }
      previous = decoded
    }
  }

  @Test(arguments: [G711.muLaw, .aLaw])
  func `each byte survives decoding and encoding, but for a second zero`(_ law: G711) {
    for byte in UInt8.min...UInt8.max where !(law == .muLaw && byte == 0x7F) {
      #expect(law.encode(law.decode(byte)) == byte)
    }
    #expect(abs(Int(law.decode(law.silence))) <= 8)
  }
}
