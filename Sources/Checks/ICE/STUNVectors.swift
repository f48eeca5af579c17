// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import Wire

/// The four sample messages of RFC 5769, as numbers.
enum STUNVectors {
  static let password = Array("VOkJxbRl1RmTxUk/WvJxBt".utf8)
  /// The MD5 of user name, realm and password that long-term credentials use as the key.
  static let longTermKey = Text.bytes(hex: "e8ca7ad59d5eb0518e312911d2dab2a9") ?? []
  static let transaction = STUNTransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE)

  static let request = bytes(
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e20746573",
    "7420636c69656e74002400046e0001ff80290008932ff9b151263b3600060009",
    "6576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249",
    "c1b571a280280004e57a3bcf"
  )
  static let responseV4 = bytes(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563",
    "746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f9",
    "2af9ba53f06be7d780280004c07d4c96"
  )
  static let responseV6 = bytes(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563",
    "746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014",
    "a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
  )
  static let longTermRequest = bytes(
    "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383",
    "aae38383e382afe382b900000015001c662f2f3439396b39353464364f4c3334",
    "6f4c394653547679363473410014000b6578616d706c652e6f72670000080014",
    "f67024656dd64a3e02b8e0712e85c9a28ca89666"
  )

  static let all = [request, responseV4, responseV6, longTermRequest]

  private static func bytes(_ lines: String...) -> [UInt8] {
    lines.flatMap { Text.bytes(hex: $0) ?? [] }
  }
}

extension Check {
  /// RFC 5769, each message read, authenticated, damaged, and written again.
  static let stunVectors: [Check] = [
    Check("RFC 5769 2.1: the sample request is read and authentic") {
      let bytes = STUNVectors.request
      let message = try parse(bytes)
      try expectEqual(message.messageClass, .request, "class")
      try expectEqual(message.method, STUNMessage.binding, "method")
      try expectEqual(message.transaction, STUNVectors.transaction, "transaction")
      try expectEqual(message.priority, 0x6E00_01FF, "priority")
      try expectEqual(message.controlled, 0x932F_F9B1_5126_3B36, "tie-breaker")
      try expectEqual(message.fingerprint, .valid, "fingerprint")
      let username = Array("evtj:h6vY".utf8)
      try expect(message.hasUsername(username, in: bytes.span), "user name")
      try expect(message.isAuthentic(bytes.span, key: STUNVectors.password), "integrity")
      try expectEqual(ICEAgent.requestedUsernameFragment(bytes.span), "evtj", "fragment")
    },
    Check("RFC 5769 2.2: the IPv4 response is read and authentic") {
      let message = try parse(STUNVectors.responseV4)
      try expectEqual(message.messageClass, .success, "class")
      let expected = SocketAddress(.v4(0xC000_0201), port: 32_853)
      try expectEqual(message.mappedAddress, expected, "address")
      try expectEqual(message.fingerprint, .valid, "fingerprint")
      try expect(
        message.isAuthentic(STUNVectors.responseV4.span, key: STUNVectors.password),
        "integrity"
      )
    },
    Check("RFC 5769 2.3: the IPv6 response is read and authentic") {
      let message = try parse(STUNVectors.responseV6)
      let ip = IPAddress("2001:db8:1234:5678:11:2233:4455:6677")
      try expectEqual(message.mappedAddress?.ip, ip, "address")
      try expectEqual(message.mappedAddress?.port, 32_853, "port")
      try expectEqual(message.fingerprint, .valid, "fingerprint")
      try expect(
        message.isAuthentic(STUNVectors.responseV6.span, key: STUNVectors.password),
        "integrity"
      )
    },
    Check("RFC 5769 2.4: the long-term request is read and authentic") {
      let bytes = STUNVectors.longTermRequest
      let message = try parse(bytes)
      try expectEqual(message.fingerprint, .absent, "fingerprint")
      try expectEqual(message.unknownAttributes, [], "unknown attributes")
      try expect(
        message.hasUsername(
          "\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}".utf8,
          in: bytes.span
        ),
        "user name"
      )
      try expect(message.isAuthentic(bytes.span, key: STUNVectors.longTermKey), "integrity")
    },
    Check("every flipped bit of the RFC 5769 samples is noticed") {
      for vector in STUNVectors.all.dropLast() {
        for index in vector.indices {
          for bit in 0..<8 {
            var damaged = vector
            damaged[index] ^= 1 << UInt8(bit)
            guard let message = STUNMessage(parsing: damaged.span) else { continue }
            let isWhole =
              message.fingerprint == .valid
              && message.isAuthentic(damaged.span, key: STUNVectors.password)
            try expect(!isWhole, "bit \(bit) of byte \(index) changed unnoticed")
          }
        }
      }
    },
    Check("the writer makes the bytes of RFC 5769 2.2 and 2.3") {
      let addresses = [
        SocketAddress(.v4(0xC000_0201), port: 32_853),
        SocketAddress(
          .v6(high: 0x2001_0DB8_1234_5678, low: 0x0011_2233_4455_6677, scope: 0),
          port: 32_853
        ),
      ]
      for (address, vector) in zip(addresses, [STUNVectors.responseV4, STUNVectors.responseV6]) {
        var writer = STUNWriter(.success, transaction: STUNVectors.transaction)
        // The samples pad with a space, which the MESSAGE-INTEGRITY covers: both lengths agree.
        writer.append(type: STUNAttribute.software.rawValue, value: Array("test vector ".utf8))
        writer.append(mappedAddress: address)
        var expected = vector
        expected[23] = 12
        try expectEqual(
          Array(writer.bytes[20...]),
          Array(expected[20..<writer.bytes.count]),
          "attributes"
        )
        writer.authenticate(key: STUNVectors.password)
        writer.addFingerprint()
        let message = try parse(writer.bytes)
        try expectEqual(message.fingerprint, .valid, "fingerprint")
        try expect(
          message.isAuthentic(writer.bytes.span, key: STUNVectors.password),
          "integrity"
        )
        try expectEqual(writer.bytes.count, vector.count, "length")
      }
    },
  ]

  private static func parse(_ bytes: [UInt8]) throws -> STUNMessage {
    guard let message = STUNMessage(parsing: bytes.span) else {
      throw CheckFailure(description: "the sample is not read: \(Text.hex(bytes))")
    }
    return message
  }
}
