// SPDX-License-Identifier: Apache-2.0
internal import TLS
private import Wire

extension Check {
  static let tlsAuthorities: [Check] = [
    Check("a certificate tells the names, addresses and dates it was issued for") {
      guard let leaf = TLSCertificate(TLSFixtures.issued.certificate) else {
        throw CheckFailure(description: "the certificate cannot be read")
      }
      try expectEqual(leaf.names, ["porch", "porch.local"], "names")
      try expectEqual(leaf.addresses, [TLSFixtures.address], "addresses")
      try expectEqual(leaf.validFrom, TLSFixtures.date - 86_400, "from")
      try expectEqual(leaf.validTo - leaf.validFrom, 397 * 86_400, "time")
      let authority = TLSFixtures.authority.certificate
      try expectEqual(authority.permittedNames, ["porch", "porch.local", "localhost"], "names")
      try expectEqual((authority.validTo - authority.validFrom) / 86_400, 3650, "days")
      try expectEqual(authority.fingerprint.utf8.count, 95, "fingerprint")
    },
    Check("an authority that was kept is the same, and one with another key is none") {
      let made = TLSFixtures.authority
      let kept = TLSAuthority(certificate: made.certificate.bytes, privateKey: made.privateKey)
      try expectEqual(kept?.certificate, made.certificate, "certificate")
      let other = TLSFixtures.other.privateKey
      try expect(
        TLSAuthority(certificate: made.certificate.bytes, privateKey: other) == nil,
        "another key is taken"
      )
    },
    Check("an authority signs for its own names and for local addresses, and nothing else") {
      let authority = TLSFixtures.authority
      let local: [IPAddress] = [
        .v4(0x0A00_0001), .v4(0xAC1F_FFFF), .v4(0xC0A8_0001), .v4(0x6440_0001), .v4(0xA9FE_0001),
        .v4(0x7F00_0001), .v6(high: 0xFD00 << 48, low: 1, scope: 0),
        .v6(high: 0xFE80 << 48, low: 1, scope: 3), .v6(high: 0, low: 1, scope: 0),
      ]
      let foreign: [IPAddress] = [
        .v4(0x0808_0808), .v4(0xAC20_0001), .v4(0xC0A9_0001), .v4(0x6480_0001),
        .v6(high: 0x2001_0DB8 << 32, low: 1, scope: 0), .v6(high: 0, low: 2, scope: 0),
      ]
      let allowed = authority.permitted(
        ["porch", "a.porch.local", "porch.example", "xporch", "local"],
        local + foreign
      )
      try expectEqual(allowed.names, ["porch", "a.porch.local"], "names")
      try expectEqual(allowed.addresses, local, "addresses")
      var random = RandomSource.seeded(5)
      let none = authority.issue(
        names: ["example.org"],
        addresses: foreign,
        at: TLSFixtures.date,
        using: &random
      )
      try expect(none == nil, "a certificate for others was made")
    },
    Check("a certificate is renewed 30 days before its end, and when names or addresses change") {
      let authority = TLSFixtures.authority
      guard let leaf = TLSCertificate(TLSFixtures.issued.certificate) else {
        throw CheckFailure(description: "the certificate cannot be read")
      }
      func isCurrent(_ names: [String], _ addresses: [IPAddress], after days: Int64) -> Bool {
        let date = TLSFixtures.date + days * 86_400
        return authority.isCurrent(leaf, names: names, addresses: addresses, at: date)
      }
      let (names, addresses) = (["porch", "porch.local"], [TLSFixtures.address])
      try expect(isCurrent(names, addresses, after: 0), "new")
      try expect(isCurrent(names, addresses, after: 365), "after 365 days")
      try expect(!isCurrent(names, addresses, after: 366), "after 366 days")
      try expect(!isCurrent(names, addresses, after: -2), "before it was made")
      try expect(!isCurrent(["porch"], addresses, after: 0), "a name less")
      try expect(!isCurrent(names, addresses + [.v4(0x0A00_0001)], after: 0), "an address more")
      let namesake = TLSFixtures.make("One", seed: 6)
      let date = TLSFixtures.date
      try expect(
        !namesake.isCurrent(leaf, names: names, addresses: addresses, at: date),
        "a certificate of a former authority of the same name"
      )
      try expect(isCurrent(names + ["example.org"], addresses, after: 0), "a name not permitted")
    },
    Check("certificates and keys go through text and back") {
      for count in [0, 1, 47, 48, 49, 1000] {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let text = PEM.text(PEM.certificate, bytes)
        let lines = text.utf8.split(separator: 0x0A).map(\.count).dropFirst().dropLast()
        try expect(lines.allSatisfy { $0 <= 64 }, "a long line")
        let foreign = "Subject: a\r\n" + PEM.text(PEM.privateKey, [1]) + text
        for whole in [text, foreign, foreign.split(separator: "\n").joined(separator: "\r\n")] {
          try expectEqual(PEM.bytes(PEM.certificate, in: Array(whole.utf8)), bytes, "\(count)")
        }
      }
      let damaged = [
        "", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAAAA",
        "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----", "-----END CERTIFICATE-----",
        PEM.text(PEM.privateKey, [1]),
      ]
      for text in damaged {
        try expectEqual(PEM.bytes(PEM.certificate, in: Array(text.utf8)), nil, text)
      }
    },
    Check("days of the calendar are counted as everybody counts them") {
      // Seconds since 1970 of some days, as `date -u -d DAY +%s` gives them.
      let days: [(Int64, String)] = [
        (0, "1970-01-01"), (-86_400, "1969-12-31"), (951_782_400, "2000-02-29"),
        (1_709_164_800, "2024-02-29"), (1_735_689_599, "2024-12-31"), (4_107_542_400, "2100-03-01"),
        (TLSFixtures.date, "2026-06-01"),
      ]
      for (seconds, text) in days {
        try expectEqual("\(CalendarDate(seconds))", text, "\(seconds)")
        try expectEqual(CalendarDate(seconds).seconds, seconds, text)
      }
    },
    Check("damaged certificates are read without harm") {
      let target = FuzzTarget.tls.first { $0.name == "certificate" }
      try expect(target != nil, "no target")
      target?.mutate(count: 5_000, seed: 5280)
    },
  ]
}

extension FuzzTarget {
  /// Mutated bytes of the stream into a session of either role, before and after the handshake, and mutated
  /// certificates.
  public static let tls: [FuzzTarget] = [
    FuzzTarget("tls", seeds: TLSRecords.recorded) { input in
      for isServer in [true, false] {
        for isConnected in [true, false] { TLSRecords.feed(input, isServer, isConnected) }
      }
    },
    FuzzTarget(
      "certificate",
      seeds: [TLSFixtures.issued.certificate, TLSFixtures.authority.certificate.bytes]
    ) { input in
      _ = TLSCertificate(input)?.fingerprint
      _ = TLSAuthorities(input)
      _ = PEM.bytes(PEM.certificate, in: input)
    },
  ]
}

/// What goes through the streams of one good connection, and a way to feed it.
enum TLSRecords {
  static let recorded: [[UInt8]] = {
    guard var pair = try? TLSPair(seed: 60) else { return [] }
    var pieces: [[UInt8]] = []
    repeat {
      pair.work()
      pieces += [pair.toServer, pair.toClient].filter { !$0.isEmpty }
    } while pair.deliver()
    TLSPair.send(Array("data".utf8), by: &pair.client, to: &pair.toServer)
    return pieces + [pair.toServer]
  }()

  /// Feeds `input` to one side in two pieces, while or after it talks with the other.
  static func feed(_ input: [UInt8], _ isServer: Bool, _ isConnected: Bool) {
    guard var pair = try? TLSPair(seed: 60) else { return }
    if isConnected { pair.run() } else { pair.work() }
    if isServer {
      if !isConnected, input.count % 2 == 0 { _ = pair.deliver() }
      pair.toServer = input
    } else {
      pair.toClient = input
    }
    pair.piece = max(1, input.count / 2)
    for _ in 0..<4 {
      pair.work()
      if !pair.deliver() { break }
    }
    pair.work()
  }
}
