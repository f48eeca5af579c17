// SPDX-License-Identifier: Apache-2.0
import ICE
import Testing
import Wire

@Suite struct STUNWriterTests {
  @Test func `keeps the length right and pads to four bytes`() throws {
    for count in 0..<9 {
      var writer = STUNWriter(.request, transaction: STUNTransactionID(high: 0, low: 0))
      writer.append(.username, value: [UInt8](repeating: 0x61, count: count))
      #expect(writer.bytes.count == 20 + 4 + (count + 3) / 4 * 4)
      #expect(Int(writer.bytes[3]) == writer.bytes.count - 20)
      #expect(Int(writer.bytes[23]) == count)
    }
  }

  @Test func `writes addresses and error codes that are read back`() throws {
    var random = RandomSource.seeded(3)
    for _ in 0..<100 {
      let addresses = [
        SocketAddress(.v4(UInt32(truncatingIfNeeded: random.next())), port: 1),
        SocketAddress(.v6(high: random.next(), low: random.next(), scope: 0), port: 65_535),
      ]
      for address in addresses {
        var writer = STUNWriter(.failure, transaction: .random(using: &random))
        writer.append(mappedAddress: address)
        writer.append(errorCode: 487)
        let bytes = writer.bytes
        let message = try #require(STUNMessage(of: bytes))
        #expect(message.mappedAddress == address)
        #expect(message.errorCode == 487)
      }
    }
  }
}
