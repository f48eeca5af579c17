// SPDX-License-Identifier: Apache-2.0
internal import DTLS
private import Wire

extension Check {
  /// DTLS records and handshake messages, before anything is authentic.
  static let museumDTLS: [Check] = [
    Check(
      "fragments of no bytes neither stop the server nor complete a ClientHello",
      after: "CVE-2022-29190, GHSA-cm8f-h6j3-p25c"
    ) {
      var session = try DTLSFragments.server()
      for offset in 0..<1_000 {
        let fragment = DTLSStand.message(type: 1, length: 1_000, offset: offset, [])
        session.receive(fragment.span, at: .zero)
      }
      try expect(DTLSPair.datagram(of: &session) == nil, "answered")
      try DTLSStand.expectAnswer(&session)
    },
    Check(
      "fragments of ever new, never complete messages take no more than one message's memory",
      after: "CVE-2022-29189, CVE-2014-3506"
    ) {
      var session = try DTLSFragments.server()
      let body = [UInt8](repeating: 1, count: 1_000)
      for number in 0..<2_000 {
        for length in [8_192, 16_384, 0xFF_FFFF] {
          let fragment = DTLSStand.message(
            type: 1,
            length: length,
            number: UInt16(number),
            offset: length - 1_000,
            body
          )
          session.receive(fragment.span, at: .zero)
        }
      }
      // What a message may not be as long as is counted; the rest is kept one at a time.
      try expectEqual(session.statistics.malformed, 2_000, "malformed")
      try DTLSStand.expectAnswer(&session)
    },
    Check(
      "a later fragment says its message is longer than the first one did",
      after: "CVE-2014-0195"
    ) {
      var session = try DTLSFragments.server()
      let part = [UInt8](repeating: 1, count: 1_000)
      let first = DTLSStand.message(type: 1, length: 1_001, offset: 0, part)
      let longer = DTLSStand.message(type: 1, length: 8_000, offset: 7_000, part)
      let beyond = DTLSStand.message(type: 1, length: 1_001, offset: 7_000, part)
      for fragment in [first, longer, first, beyond] { session.receive(fragment.span, at: .zero) }
      try expect(DTLSPair.datagram(of: &session) == nil, "answered")
      try expectEqual(session.statistics.malformed, 1, "malformed")
      try DTLSStand.expectAnswer(&session)
    },
    Check(
      "10,000 HelloRequests do not make a client begin again",
      after: "CVE-2014-0221"
    ) {
      try DTLSStand.connects(1) { pair in
        let request = Array(DTLSStand.message(type: 0, length: 0, offset: 0, [])[13...])
        let record = DTLSStand.record((0..<100).flatMap { _ in request })
        for _ in 0..<100 { pair.inject(record, toServer: false) }
        try expectEqual(pair.client.statistics.malformed, 100, "malformed")
        try expectEqual(pair.client.statistics.restarts, 0, "restarts")
      }
    },
    Check(
      "fragments of no bytes of messages far ahead are not collected",
      after: "CVE-2014-3507"
    ) {
      try DTLSStand.connects(2) { pair in
        for number in 2..<1_000 as Range<UInt16> {
          let fragment = DTLSStand.message(type: 16, length: 66, number: number, offset: 0, [])
          pair.inject(fragment, toServer: true)
        }
      }
    },
    Check(
      "a ClientHello whose list of suites has an odd length is survived",
      after: "eclipse-tinydtls/tinydtls #97"
    ) {
      try DTLSStand.connects(3) { pair in
        var hello = try DTLSStand.hello()
        // Behind record, message, version, random, session identifier and cookie.
        let suites = DTLSStand.suites(of: hello)
        hello[suites + 1] = 3
        pair.inject(hello, toServer: true)
      }
    },
    Check(
      "a ClientHello of no bytes is survived",
      after: "eclipse-tinydtls/tinydtls #59"
    ) {
      try DTLSStand.connects(4) { pair in
        for _ in 0..<100 {
          pair.inject(DTLSStand.message(type: 1, length: 0, offset: 0, []), toServer: true)
        }
        try expect(DTLSPair.datagram(of: &pair.server) == nil, "answered")
      }
    },
    Check(
      "a ClientHello with no suite that is known does not stop the server",
      after: "pion/dtls #689"
    ) {
      try DTLSStand.connects(5) { pair in
        let body: [UInt8] =
          [0xFE, 0xFD] + [UInt8](repeating: 0, count: 34) + [0, 4, 0xC0, 0xA8, 0, 0xFF, 1, 0, 0, 4]
          + [0, 23, 0, 0]
        let hello = DTLSStand.message(type: 1, length: body.count, offset: 0, body)
        pair.inject(hello, toServer: true)
      }
    },
    Check(
      "a fragment of the next message in the record of a whole one does not poison it",
      after: "algesten/dimpl #149"
    ) {
      try DTLSStand.connects(6) { pair in
        let whole = Array(try DTLSStand.hello()[13...])
        let decoy = Array(
          DTLSStand.message(type: 1, length: 900, number: 1, offset: 200, [1, 2, 3])[13...]
        )
        pair.inject(DTLSStand.record(whole + decoy), toServer: true)
        pair.inject(DTLSStand.record(decoy + whole), toServer: true)
      }
    },
    Check(
      "a ClientHello says its cookie is longer than itself",
      after: "CVE-2022-35409"
    ) {
      for length: UInt8 in [1, 32, 255] {
        try DTLSStand.connects(7 + UInt64(length)) { pair in
          let body: [UInt8] = [0xFE, 0xFD] + [UInt8](repeating: 7, count: 32) + [0, length]
          let hello = DTLSStand.message(type: 1, length: body.count, offset: 0, body)
          pair.inject(hello, toServer: true)
        }
      }
    },
    Check(
      "a ServerHello cut at any of its fields is survived by the client",
      after: "GHSA-hxp2-xqf3-v83h"
    ) {
      for count in [0, 1, 2, 34, 35, 36, 37, 38, 39, 41] {
        try DTLSStand.connects(300 + UInt64(count)) { pair in
          let body = [0xFE, 0xFD] + [UInt8](repeating: 0, count: 39)
          let hello = DTLSStand.message(type: 2, length: count, offset: 0, Array(body[..<count]))
          pair.inject(hello, toServer: false)
        }
      }
    },
    Check(
      "a HelloVerifyRequest cut at any of its fields is survived by the client",
      after: "GHSA-4xgv-j62q-h3rj"
    ) {
      for (count, cookie) in [(0, 0), (1, 0), (2, 0), (3, 1), (3, 255), (35, 255)] {
        try DTLSStand.connects(400 + UInt64(count + cookie)) { pair in
          let body = [0xFE, 0xFD, UInt8(cookie)] + [UInt8](repeating: 0, count: 32)
          let request = DTLSStand.message(type: 3, length: count, offset: 0, Array(body[..<count]))
          pair.inject(request, toServer: false)
        }
      }
    },
  ]
}

/// Datagrams that no honest peer sends.
enum DTLSStand {
  /// A cleartext handshake record with `body`.
  static func record(_ body: [UInt8]) -> [UInt8] {
    var record: [UInt8] = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0]
    record.append(bigEndian: UInt16(body.count))
    return record + body
  }

  /// A record with a fragment of a handshake message, at an offset of it, as long as `part`.
  static func message(
    type: UInt8,
    length: Int,
    number: UInt16 = 0,
    offset: Int,
    _ part: [UInt8]
  ) -> [UInt8] {
    var body: [UInt8] = [type]
    func append24(_ value: Int) {
      body += [UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }
    append24(length)
    body.append(bigEndian: number)
    append24(offset)
    append24(part.count)
    return record(body + part)
  }

  /// A whole ClientHello of another client.
  static func hello() throws -> [UInt8] {
    var stranger = try DTLSPair(seed: 1_999)
    stranger.start()
    guard let hello = DTLSPair.datagram(of: &stranger.client) else {
      throw CheckFailure(description: "no ClientHello")
    }
    return hello
  }

  /// Where the length of the suites stands in a datagram with a ClientHello.
  static func suites(of hello: [UInt8]) -> Int {
    let session = 25 + 34
    let cookie = session + 1 + Int(hello[session])
    return cookie + 1 + Int(hello[cookie])
  }

  /// Throws unless the server still answers a true ClientHello.
  static func expectAnswer(_ session: inout DTLSSession) throws {
    for piece in DTLSFragments.cut(try DTLSFragments.hello(length: 1_413), at: [1_175]) {
      session.receive(piece.span, at: .zero)
    }
    guard let answer = DTLSPair.datagram(of: &session) else {
      throw CheckFailure(description: "a true ClientHello is not answered")
    }
    try expectEqual(answer[13], 2, "the message type of the answer")
  }

  /// Throws unless two sessions agree on keys although `attack` comes first.
  static func connects(_ seed: UInt64, _ attack: (inout DTLSPair) throws -> Void) throws {
    var pair = try DTLSPair(seed: 50_000 + seed)
    pair.start()
    try attack(&pair)
    pair.run()
    try expect(pair.isConnected, "not connected after seed \(seed)")
    try expectEqual(pair.keys?.client, pair.keys?.server, "keys")
  }
}
