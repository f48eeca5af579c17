// SPDX-License-Identifier: Apache-2.0
internal import DTLS
private import Wire

extension Check {
  static let dtlsForgery: [Check] = [
    Check("ignores 100 forged alerts and garbage between any two datagrams") {
      var pair = try DTLSPair(seed: 10)
      pair.start()
      let alert: [UInt8] = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40]
      let garbage: [[UInt8]] = [
        alert, [22], [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0],
        [20, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2],
        [23, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2],
        [22, 3, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2],
      ]
      pair.run { _, bytes, _ in
        (0..<25).flatMap { _ in garbage } + [bytes]
      }
      try expect(pair.isConnected, "not connected")
      try expect(pair.client.statistics.ignoredAlerts >= 25, "alerts were not seen")
      try expectEqual(
        pair.client.statistics.restarts + pair.server.statistics.restarts,
        0,
        "restarts"
      )
      for isServer in [false, true] {
        for bytes in garbage { pair.inject(bytes, toServer: isServer) }
      }
      try expect(pair.isConnected, "an established session fell")
    },
    Check("connects although any one datagram is damaged in any of many ways") {
      var random = RandomSource.seeded(77)
      for target in 0..<4 {
        for way in 0..<20 {
          var pair = try DTLSPair(seed: UInt64(100 + target * 100 + way))
          pair.start()
          pair.run { number, bytes, _ in
            guard number == target else { return [bytes] }
            var damaged = bytes
            for _ in 0...(way % 3) {
              damaged[Int.random(in: 0..<damaged.count, using: &random)] ^=
                .random(in: 1...255, using: &random)
            }
            return [damaged]
          }
          try expect(pair.isConnected, "datagram \(target), way \(way): not connected")
          try expectEqual(pair.keys?.client, pair.keys?.server, "keys")
        }
      }
    },
    Check("connects although any one datagram has a damaged copy before it") {
      var random = RandomSource.seeded(78)
      for target in 0..<4 {
        for way in 0..<10 {
          var pair = try DTLSPair(seed: UInt64(600 + target * 100 + way))
          pair.start()
          pair.run { number, bytes, _ in
            guard number == target else { return [bytes] }
            var damaged = bytes
            damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= 0x10
            return [damaged, bytes]
          }
          try expect(pair.isConnected, "datagram \(target), way \(way): not connected")
        }
      }
    },
    Check("connects although the number of a cleartext record was damaged to one far ahead") {
      for position in 5...10 {
        var pair = try DTLSPair(seed: UInt64(900 + position))
        pair.start()
        pair.run { number, bytes, _ in
          // The last record of the server's flight, an empty ServerHelloDone.
          guard number == 1, bytes.count > 25 else { return [bytes] }
          var damaged = bytes
          damaged[bytes.count - 25 + position] ^= 0xD2
          return [damaged]
        }
        try expect(pair.isConnected, "byte \(position): not connected")
      }
    },
    Check("connects although a ClientHello with damaged extensions was answered") {
      var pair = try DTLSPair(seed: 910)
      pair.start()
      pair.run { number, bytes, _ in
        guard number == 0 else { return [bytes] }
        var damaged = bytes
        // What the server answers fits none of what the client says from then on.
        for index in bytes.indices.dropLast(3) where bytes[index...].starts(with: [0, 23, 0, 0]) {
          damaged[index + 1] = 0x18
        }
        return [damaged]
      }
      try expect(pair.isConnected, "not connected")
      try expect(pair.server.statistics.restarts > 0, "nothing was damaged")
    },
    Check("stays connected when old flights come again, with data among them") {
      var pair = try DTLSPair(seed: 11)
      var seen: [([UInt8], Bool)] = []
      pair.start()
      pair.run { _, bytes, isForServer in
        seen.append((bytes, isForServer))
        return [bytes]
      }
      for (bytes, isForServer) in seen + seen { pair.inject(bytes, toServer: isForServer) }
      let data: [UInt8] = [4, 2]
      try expect(pair.client.send(data.span), "not sent")
      pair.run(for: .seconds(5), untilQuiet: true)
      try expect(pair.isConnected, "fell")
      try expectEqual(DTLSPair.received(pair.serverEvents), [data], "data")
    },
    Check("does not let a forged ClientHello take the place of the true one") {
      var pair = try DTLSPair(seed: 12)
      var stranger = try DTLSPair(seed: 13)
      stranger.start()
      guard let forged = DTLSPair.datagram(of: &stranger.client) else {
        throw CheckFailure(description: "no ClientHello")
      }
      pair.start()
      pair.run { _, bytes, isForServer in isForServer ? [forged, bytes, forged] : [bytes] }
      try expect(pair.isConnected, "not connected")
    },
    Check("fails when the handshake breaks more often than the limit") {
      var pair = try DTLSPair(seed: 14)
      pair.start()
      // A ServerHello that chooses a suite that nobody offered.
      pair.run { _, bytes, isForServer in
        guard !isForServer, bytes.count > 100 else { return [bytes] }
        var damaged = bytes
        let suite = 25 + 34 + 1 + Int(bytes[25 + 34])
        damaged[suite] = 0x13
        return [damaged]
      }
      try expectEqual(DTLSPair.failure(pair.clientEvents), .handshakeBroken, "failure")
      let limit = UInt64(DTLSConfiguration().restartLimit)
      try expectEqual(UInt64(pair.client.statistics.restarts), limit + 1, "restarts")
    },
    Check("survives mutations of flights in both roles") {
      for target in FuzzTarget.dtls where target.name == "dtls" {
        target.mutate(count: 400, seed: 6347)
      }
    },
  ]
}

extension FuzzTarget {
  /// Mutated flights into a session of either role, and fragments of a ClientHello.
  public static let dtls: [FuzzTarget] = [
    FuzzTarget("dtls", seeds: DTLSFlights.recorded) { input in
      for role in [DTLSRole.client, .server] { DTLSFlights.feed(input, role) }
    },
    FuzzTarget("clienthello", seeds: DTLSFragments.seeds) { input in
      DTLSFragments.feed(input)
    },
  ]
}

/// The datagrams of one good handshake, and a way to feed them.
enum DTLSFlights {
  static let recorded: [[UInt8]] = {
    guard var pair = try? DTLSPair(seed: 20) else { return [] }
    var flights: [[UInt8]] = []
    pair.start()
    pair.run { _, bytes, _ in
      flights.append(bytes)
      return [bytes]
    }
    return flights
  }()

  /// Feeds `input` to a session that waits for it, then lets the time pass.
  static func feed(_ input: [UInt8], _ role: DTLSRole) {
    guard let identity = try? DTLSIdentities.one,
      var session = try? DTLSSession(
        role: role,
        identity: identity,
        remoteFingerprints: [identity.fingerprint],
        at: .zero,
        random: .seeded(20)
      )
    else { return }
    session.start(at: .zero)
    if role == .server, let hello = recorded.first, input.count % 2 == 0 {
      session.receive(hello.span, at: .zero)
    }
    session.receive(input.span, at: .zero + .milliseconds(10))
    session.receive(input.span, at: .zero + .milliseconds(20))
    session.advance(to: .zero + .seconds(1))
    while DTLSPair.datagram(of: &session) != nil {}
  }
}
