// SPDX-License-Identifier: Apache-2.0
internal import DTLS
private import Wire

extension Check {
  /// DTLS: two sessions on one virtual clock, loss, damage, forgery, fingerprints, fragments.
  public static let dtls: [Check] = dtlsSession + dtlsLoss + dtlsForgery + dtlsFragments

  private static let dtlsSession: [Check] = [
    Check("connects two sessions with equal keys in one round trip and a half") {
      var pair = try DTLSPair(seed: 1)
      try expectEqual(pair.client.state, .new, "client")
      pair.start()
      pair.run()
      try expect(pair.isConnected, "not connected")
      guard let keys = pair.keys else { throw CheckFailure(description: "no keys") }
      try expectEqual(keys.client, keys.server, "keys")
      try expect(keys.client.clientKey != keys.client.serverKey, "one key for both directions")
      try expectEqual(keys.client.clientKey.count, 16, "key")
      try expectEqual(keys.client.serverSalt.count, 14, "salt")
      try expectEqual(pair.now, .zero + .milliseconds(40), "time")
      try expectEqual(pair.sent, 4, "datagrams")
      try expect(pair.client.deadline == nil && pair.server.deadline == nil, "a timer is left")
    },
    Check("names its certificate's signature without parameters, as RFC 5758 section 3.2 wants") {
      var random = RandomSource.seeded(5758)
      let certificate = try DTLSIdentity.make(using: &random).certificate
      // ecdsa-with-SHA256 and nothing behind it, in the signed part and before the signature.
      let name: [UInt8] = [0x30, 10, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2]
      let places = certificate.indices.filter { certificate[$0...].starts(with: name) }
      try expectEqual(places.count, 2, "names of the signature's algorithm")
    },
    Check("gives other keys to every session") {
      var keys: Set<DTLSKeys> = []
      for seed in 0..<3 as Range<UInt64> {
        var pair = try DTLSPair(seed: seed)
        pair.start()
        pair.run()
        if let found = pair.keys?.client { keys.insert(found) }
      }
      try expectEqual(keys.count, 3, "different keys")
    },
    Check("carries application data both ways and closes") {
      var pair = try DTLSPair(seed: 2)
      let early: [UInt8] = [1]
      try expect(!pair.client.send(early.span), "sent before being connected")
      pair.start()
      pair.run()
      let question = [UInt8](repeating: 7, count: 1163)
      let answer: [UInt8] = [1, 2, 3]
      let tooLong = [UInt8](repeating: 7, count: 1164)
      try expect(pair.client.send(question.span), "1,163 bytes were not sent")
      try expect(!pair.client.send(tooLong.span), "1,164 bytes were sent")
      try expect(pair.server.send(answer.span), "not sent")
      pair.run(for: .seconds(1), untilQuiet: true)
      try expectEqual(DTLSPair.received(pair.serverEvents), [question], "question")
      try expectEqual(DTLSPair.received(pair.clientEvents), [answer], "answer")
      pair.client.close()
      pair.run(for: .seconds(1), untilQuiet: true)
      try expectEqual(pair.client.state, .closed, "client")
      try expectEqual(pair.server.state, .closed, "server")
      try expect(!pair.server.send(answer.span), "sent after the end")
    },
    Check("bounds what nobody fetches") {
      var pair = try DTLSPair(seed: 3)
      pair.start()
      pair.run()
      let data = [UInt8](repeating: 9, count: 1000)
      for _ in 0..<200 {
        _ = pair.client.send(data.span)
        guard let bytes = DTLSPair.datagram(of: &pair.client) else { continue }
        pair.server.receive(bytes.span, at: pair.now)
      }
      try expectEqual(pair.server.statistics.dropped, 200 - 65, "dropped")
    },
    Check("gives no key without the right fingerprint, on either side") {
      let wrong = DTLSFingerprint(algorithm: "sha-256", digest: [UInt8](repeating: 1, count: 32))
      for isServerWrong in [false, true] {
        var pair = try DTLSPair(
          seed: 4,
          clientFingerprint: isServerWrong ? nil : wrong,
          serverFingerprint: isServerWrong ? wrong : nil
        )
        pair.start()
        pair.run(for: .seconds(5), untilQuiet: true)
        let events = isServerWrong ? pair.clientEvents : pair.serverEvents
        try expectEqual(DTLSPair.failure(events), .fingerprintMismatch, "failure")
        try expect(DTLSPair.keys(events) == nil, "keys were given out")
      }
    },
    Check("fails at once without a fingerprint by SHA-256 or stronger") {
      let old = DTLSFingerprint(algorithm: "sha-1", digest: [UInt8](repeating: 1, count: 20))
      let short = DTLSFingerprint(algorithm: "sha-256", digest: [1, 2, 3])
      for fingerprints in [[], [old], [old, short]] {
        var session = try DTLSSession(
          role: .client,
          identity: DTLSIdentities.one,
          remoteFingerprints: fingerprints,
          at: .zero
        )
        session.start(at: .zero)
        try expectEqual(session.state, .failed, "state")
        try expect(DTLSPair.datagram(of: &session) == nil, "a datagram was sent")
        guard case .failed(.fingerprintUnusable)? = session.nextEvent() else {
          throw CheckFailure(description: "no such failure")
        }
      }
    },
    Check("accepts any of several fingerprints, but only by the strongest hash function") {
      let right = try DTLSIdentities.other.fingerprint
      let wrong = DTLSFingerprint(algorithm: "sha-256", digest: [UInt8](repeating: 1, count: 32))
      let strong = DTLSFingerprint(algorithm: "sha-512", digest: [UInt8](repeating: 1, count: 64))
      try expectEqual(DTLSFingerprint.isAccepted([wrong, right]), true, "one of two")
      try expectEqual(DTLSFingerprint.isAccepted([strong, right]), false, "the weaker of two")
    },
    Check("times out when nobody answers") {
      var pair = try DTLSPair(link: DTLSLink(loss: 1), seed: 5)
      pair.start()
      pair.run()
      try expectEqual(pair.now, .zero + .seconds(30), "time")
      try expectEqual(DTLSPair.failure(pair.clientEvents), .timeout(ignoredAlert: nil), "client")
      try expect((30...40).contains(pair.sent), "\(pair.sent) datagrams in 30 s")
    },
    Check("keeps an identity through its stored form, and refuses one that is no pair") {
      let one = try DTLSIdentities.one
      let again = try DTLSIdentity(certificate: one.certificate, privateKey: one.privateKey)
      try expectEqual(again.fingerprint, one.fingerprint, "fingerprint")
      let other = try DTLSIdentities.other
      for (certificate, key) in [
        (one.certificate, other.privateKey), ([], []), (one.certificate, [1, 2, 3]),
        (one.certificate + [0], one.privateKey),
      ] {
        do throws(DTLSError) {
          _ = try DTLSIdentity(certificate: certificate, privateKey: key)
        } catch {
          try expectEqual(error, .identityRefused, "error")
          continue
        }
        throw CheckFailure(description: "a wrong pair was taken")
      }
    },
  ]

  private static let dtlsLoss: [Check] = [
    Check("connects under 25 % loss in each direction: p95 below 1.5 s") {
      var times: [Duration] = []
      for seed in 0..<60 as Range<UInt64> {
        var pair = try DTLSPair(link: DTLSLink(loss: 0.25), seed: 1000 + seed)
        pair.start()
        pair.run()
        try expect(pair.isConnected, "seed \(1000 + seed): not connected")
        times.append(pair.now - .zero)
      }
      times.sort()
      let late = times[times.count * 95 / 100]
      try expect(late < .milliseconds(1500), "p95 is \(late)")
    },
    Check("connects under 40 % loss with reordering and duplication, always, keys equal") {
      let link = DTLSLink(loss: 0.4, duplication: 0.2, jitter: .milliseconds(60))
      for seed in 0..<60 as Range<UInt64> {
        var pair = try DTLSPair(link: link, seed: 2000 + seed)
        pair.start()
        pair.run()
        try expect(pair.isConnected, "seed \(2000 + seed): not connected")
        try expectEqual(pair.keys?.client, pair.keys?.server, "seed \(2000 + seed): keys")
      }
    },
    Check("connects where a datagram may have 300 bytes") {
      var configuration = DTLSConfiguration()
      configuration.maximumTransmissionUnit = 300
      let link = DTLSLink(loss: 0.1, jitter: .milliseconds(30))
      for seed in 0..<10 as Range<UInt64> {
        var pair = try DTLSPair(link: link, seed: 3000 + seed, configuration: configuration)
        pair.start()
        var longest = 0
        pair.run { _, bytes, _ in
          longest = max(longest, bytes.count)
          return [bytes]
        }
        try expect(pair.isConnected, "seed \(3000 + seed): not connected")
        try expect(longest <= 300, "a datagram had \(longest) bytes")
      }
    },
  ]
}

extension DTLSFingerprint {
  /// Whether a client that was given `fingerprints` connects to the other identity.
  fileprivate static func isAccepted(_ fingerprints: [DTLSFingerprint]) throws -> Bool {
    var pair = try DTLSPair(seed: 6)
    pair.client = try DTLSSession(
      role: .client,
      identity: DTLSIdentities.one,
      remoteFingerprints: fingerprints,
      at: .zero
    )
    pair.start()
    pair.run(for: .seconds(2))
    return DTLSPair.keys(pair.clientEvents) != nil
  }
}
