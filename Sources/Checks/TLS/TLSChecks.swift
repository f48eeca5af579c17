// SPDX-License-Identifier: Apache-2.0
internal import TLS
private import Wire

extension Check {
  /// Sessions, certificates and authorities of TLS.
  public static let tls: [Check] = tlsSessions + tlsTrust + tlsAuthorities

  private static let tlsSessions: [Check] = [
    Check("a handshake and data go through in pieces of any size") {
      for (index, piece) in [1, 7, 500, Int.max].enumerated() {
        var pair = try TLSPair(seed: UInt64(index))
        pair.piece = piece
        pair.run()
        try expect(pair.isConnected, "pieces of \(piece): \(pair.clientEvents)")
        try expect(pair.client.suite?.utf8.starts(with: "TLSv1.".utf8) == true, "no suite")
        let question = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        let answer = [UInt8](repeating: 0x5A, count: 70_000)
        TLSPair.send(question, by: &pair.client, to: &pair.toServer)
        TLSPair.send(answer, by: &pair.server, to: &pair.toClient)
        pair.run()
        try expectEqual(pair.serverData, question, "question")
        try expect(pair.clientData == answer, "the answer has \(pair.clientData.count) bytes")
        try expect(pair.clientEvents == [.connected] && pair.serverEvents == [.connected], "events")
      }
    },
    Check("close_notify of either side is told, and so is a stream's end") {
      for isClient in [true, false] {
        var pair = try TLSPair(seed: 20)
        pair.run()
        if isClient { pair.client.close() } else { pair.server.close() }
        pair.run()
        let events = isClient ? pair.serverEvents : pair.clientEvents
        try expectEqual(events, [.connected, .closed], "events")
      }
      var pair = try TLSPair(seed: 21)
      pair.run()
      pair.server.peerClosed()
      pair.work()
      try expectEqual(pair.serverEvents, [.connected, .closed], "events")
    },
    Check("a stream that ends within the handshake, after any byte, is told once") {
      var whole = try TLSPair(seed: 22)
      whole.work()
      let hello = whole.toServer
      for count in stride(from: 0, to: hello.count, by: 5) {
        var pair = try TLSPair(seed: 22)
        let part = Array(hello[..<count])
        pair.server.receive(part.span, at: .zero)
        pair.server.peerClosed()
        pair.server.peerClosed()
        pair.work()
        try expectEqual(pair.serverEvents, [.failed(.closed)], "after \(count) bytes")
        try expectEqual(pair.server.deadline, nil, "deadline")
      }
    },
    Check("the ClientHello has 5 s, however slowly it comes, and the handshake 10") {
      var pair = try TLSPair(seed: 23)
      pair.work()
      let hello = pair.toServer
      try expectEqual(pair.server.deadline, .zero + .seconds(5), "deadline")
      for (index, byte) in hello.prefix(4).enumerated() {
        let piece = [byte]
        pair.server.receive(piece.span, at: .zero + .seconds(index))
        pair.server.advance(to: .zero + .seconds(index))
      }
      pair.server.advance(to: .zero + .milliseconds(4999))
      try expectEqual(pair.server.nextEvent(), nil, "event")
      pair.server.advance(to: .zero + .seconds(5))
      try expectEqual(pair.server.nextEvent(), .failed(.timeout), "event")
      var other = try TLSPair(seed: 24)
      other.work()
      other.server.receive(hello.span, at: .zero + .seconds(4))
      try expectEqual(other.server.deadline, .zero + .seconds(14), "deadline")
      other.client.advance(to: .zero + .seconds(10))
      try expectEqual(other.client.nextEvent(), .failed(.timeout), "event")
    },
    Check("what is no ClientHello fails before any cryptography") {
      let strangers: [[UInt8]] = [
        Array("GET / HTTP/1.1\r\n".utf8), [22, 2], [22, 3, 1, 0, 0, 1], [22, 3, 1, 0xFF, 0xFF, 1],
        [22, 3, 1, 0, 10, 2], [23, 3, 3, 0, 10, 1],
      ]
      for stranger in strangers {
        var pair = try TLSPair(seed: 25)
        pair.server.receive(stranger.span, at: .zero)
        try expect(!pair.server.needsStep, "\(stranger): a step is wanted")
        try expectEqual(pair.server.nextEvent(), .failed(.notTLS), "\(stranger)")
        try expect(!pair.server.canReceive, "\(stranger): more is wanted")
      }
    },
    Check("one changed byte ends the connection, and nothing of its record is given out") {
      for position in stride(from: 0, to: 60, by: 3) {
        var pair = try TLSPair(seed: 26)
        pair.run()
        TLSPair.send([UInt8](repeating: 7, count: 40), by: &pair.client, to: &pair.toServer)
        // Of the length only what makes it longer than a record may be, or else more is waited for.
        pair.toServer[position] ^= position == 3 ? 0x80 : 0x10
        pair.run()
        try expectEqual(pair.serverData, [], "data with byte \(position) changed")
        guard position != 4 else { continue }
        try expect(pair.server.state == .failed, "byte \(position): \(pair.server.state)")
        // mbedTLS says nothing to whom a header is already wrong.
        guard position >= 5 else { continue }
        let isTold = pair.clientEvents.contains { event in
          if case .failed(.alert) = event { true } else { false }
        }
        try expect(isTold, "byte \(position): the client was told \(pair.clientEvents)")
      }
    },
    Check("who sends faster than is read is held back, and failed when he goes on") {
      var pair = try TLSPair(seed: 27)
      pair.run()
      TLSPair.send([UInt8](repeating: 1, count: 200_000), by: &pair.client, to: &pair.toServer)
      var fed = 0
      while pair.server.canReceive {
        let block = Array(pair.toServer[fed..<(fed + 1000)])
        pair.server.receive(block.span, at: .zero)
        fed += 1000
      }
      try expect(fed <= pair.server.limits.waiting + 1000, "\(fed) bytes were wanted")
      var events: [TLSEvent] = []
      let block = Array(pair.toServer[..<1000])
      for _ in 0..<100 {
        pair.server.receive(block.span, at: .zero)
        if let event = pair.server.nextEvent() { events.append(event) }
      }
      try expectEqual(events, [.failed(.flood)], "events")
    },
    Check("survives mutations of handshakes and records in both roles") {
      for target in FuzzTarget.tls where target.name == "tls" {
        target.mutate(count: 120, seed: 8446)
      }
    },
  ]

  private static let tlsTrust: [Check] = [
    Check("a server is believed by its name, in any case, and by its address") {
      let address = TLSServerName.address(TLSFixtures.address)
      for name in [TLSServerName.name("porch"), .name("PORCH.local"), address] {
        var pair = try TLSPair(server: name, seed: 40)
        pair.run()
        try expect(pair.isConnected, "\(name): \(pair.clientEvents)")
      }
    },
    Check("a server with another name or address is not, and is told so") {
      let strangers: [TLSServerName] = [
        .name("localhost"), .name("a.porch.local"),
        .address(.v4(0xC0A8_0108)), .address(.v6(high: 0, low: 1, scope: 0)),
      ]
      for name in strangers {
        var pair = try TLSPair(server: name, seed: 41)
        pair.run()
        try expectFaults(pair.clientEvents, .otherName, "\(name)")
        try expect(pair.serverEvents.count == 1, "\(pair.serverEvents)")
        guard case .failed(.alert) = pair.serverEvents.first else {
          throw CheckFailure(description: "the server was told \(pair.serverEvents)")
        }
      }
    },
    Check("a server is not believed for a name that its authority is not held to") {
      for name in [TLSServerName.name("example.org"), .address(.v4(0x0808_0808))] {
        var pair = try TLSPair(server: name, seed: 45)
        pair.run()
        try expectFaults(pair.clientEvents, [.otherName, .notPermitted], "\(name)")
      }
    },
    Check("a server that nobody believed has signed for is not") {
      var pair = try TLSPair(authorities: TLSFixtures.other.certificate.bytes, seed: 42)
      pair.run()
      try expectFaults(pair.clientEvents, .unknownAuthority, "another authority")
    },
    Check("a server is not believed before and after its time") {
      var late = try TLSPair(date: TLSFixtures.date + 400 * 86_400, seed: 43)
      late.run()
      try expectFaults(late.clientEvents, .expired, "after")
      var early = try TLSPair(date: TLSFixtures.date - 2 * 86_400, seed: 44)
      early.run()
      try expectFaults(early.clientEvents, .notYetValid, "before")
    },
    Check("credentials are refused that are damaged or no pair") {
      let good = TLSFixtures.issued
      let other = TLSFixtures.issue(TLSFixtures.other, TLSFixtures.date).certificate
      let cases: [([UInt8], [UInt8], TLSCredentialsError)] = [
        ([1, 2], good.privateKey, .certificateUnreadable),
        (Array("-----BEGIN CERTIFICATE-----\n".utf8), good.privateKey, .certificateUnreadable),
        (good.certificate, [0x30], .keyUnreadable),
        (TLSFixtures.authority.certificate.bytes, good.privateKey, .noPair),
        (other, TLSFixtures.authority.privateKey, .noPair),
      ]
      for (certificate, key, wanted) in cases {
        var refusal: TLSCredentialsError?
        do throws(TLSCredentialsError) {
          _ = try TLSCredentials(certificate: certificate, privateKey: key)
        } catch {
          refusal = error
        }
        try expectEqual(refusal, wanted, "refusal")
      }
      try expect(TLSAuthorities([]) == nil && TLSAuthorities([1, 2, 3]) == nil, "taken")
    },
  ]

  private static func expectFaults(
    _ events: [TLSEvent],
    _ faults: TLSCertificateFaults,
    _ what: String
  ) throws {
    try expectEqual(events, [.failed(.untrusted(faults))], what)
  }
}
