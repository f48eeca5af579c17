// SPDX-License-Identifier: Apache-2.0
internal import DTLS
private import Wire

extension Check {
  static let dtlsFragments: [Check] = [
    Check("answers a ClientHello of 1,413 bytes cut at 1,175, as Chromium sends it") {
      try DTLSFragments.expectAnswer(length: 1413, cuts: [1175], order: [0, 1])
    },
    Check("answers a ClientHello of 1,461 bytes cut at 1,383, then at 1,163, as Firefox sends it") {
      try DTLSFragments.expectAnswer(length: 1461, cuts: [1383], order: [0, 1])
      try DTLSFragments.expectAnswer(length: 1461, cuts: [1163], order: [0, 1])
    },
    Check("answers fragments that come in the wrong order, twice, or in many pieces") {
      try DTLSFragments.expectAnswer(length: 1413, cuts: [1175], order: [1, 0])
      try DTLSFragments.expectAnswer(length: 1413, cuts: [1175], order: [1, 1, 0])
      let cuts = Array(stride(from: 100, to: 1413, by: 100))
      try DTLSFragments.expectAnswer(length: 1413, cuts: cuts, order: Array((0...14).reversed()))
    },
    Check("completes a ClientHello from fragments of two different cuts") {
      let hello = try DTLSFragments.hello(length: 1461)
      let first = DTLSFragments.cut(hello, at: [1383])
      let second = DTLSFragments.cut(hello, at: [1163])
      var session = try DTLSFragments.server()
      let (start, end) = (first[0], second[1])
      session.receive(start.span, at: .zero)
      try expect(DTLSPair.datagram(of: &session) == nil, "answered too early")
      session.receive(end.span, at: .zero)
      try expect(DTLSPair.datagram(of: &session) != nil, "not answered")
    },
    Check("connects with a client whose ClientHello is cut into pieces and reordered") {
      for seed in 0..<5 as Range<UInt64> {
        let link = DTLSLink(loss: 0.1, jitter: .milliseconds(30))
        var pair = try DTLSPair(link: link, seed: 4000 + seed)
        pair.start()
        pair.run { _, bytes, isForServer in
          guard isForServer, bytes[13] == 1 else { return [bytes] }
          return DTLSFragments.cut(bytes, at: [40, 90])
        }
        try expect(pair.isConnected, "seed \(4000 + seed): not connected")
      }
    },
    Check("drops fragments that lie outside their message or are too large") {
      var session = try DTLSFragments.server()
      let bad: [[UInt8]] = [
        [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14]
          + [1, 0, 0, 4, 0, 0, 0, 0, 3, 0, 0, 2, 9, 9],
        [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13]
          + [1, 0xFF, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0xFE, 0, 0, 1, 9],
        [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12] + [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ]
      for datagram in bad { session.receive(datagram.span, at: .zero) }
      try expect(DTLSPair.datagram(of: &session) == nil, "answered")
      for datagram in DTLSFragments.cut(try DTLSFragments.hello(length: 1413), at: [1175]) {
        session.receive(datagram.span, at: .zero)
      }
      try expect(DTLSPair.datagram(of: &session) != nil, "the true one was not answered")
    },
    Check("survives 5,000 mutations of fragments") {
      for target in FuzzTarget.dtls where target.name == "clienthello" {
        target.mutate(count: 5_000, seed: 1413)
      }
    },
  ]
}

/// ClientHellos as long as those of browsers, and in pieces.
enum DTLSFragments {
  static let seeds: [[UInt8]] =
    (try? cut(hello(length: 1413), at: [1175]) + cut(hello(length: 300), at: [120])) ?? []

  /// A datagram with a ClientHello of `length` bytes (message header left out), padded by RFC 7685.
  static func hello(length: Int) throws -> [UInt8] {
    var pair = try DTLSPair(seed: 30)
    pair.start()
    guard let datagram = DTLSPair.datagram(of: &pair.client) else {
      throw CheckFailure(description: "no ClientHello")
    }
    var body = Array(datagram[25...])
    let padding = length - body.count - 4
    body += [0, 21, UInt8(padding >> 8), UInt8(padding & 255)]
    body += [UInt8](repeating: 0, count: padding)
    // Behind version, random, session, cookie, suites and compression methods stand the extensions.
    var position = 34 + 1 + Int(body[34])
    position += 1 + Int(body[position])
    position += 2 + (Int(body[position]) << 8 | Int(body[position + 1]))
    position += 1 + Int(body[position])
    body.replace(at: position, bigEndian: UInt16(body.count - position - 2))
    return Array(datagram[..<13]) + [1] + size(body.count) + [0, 0, 0, 0, 0] + size(body.count)
      + body
  }

  /// The message of `datagram` in fragments cut at `cuts`, a datagram each.
  static func cut(_ datagram: [UInt8], at cuts: [Int]) -> [[UInt8]] {
    let body = Array(datagram[25...])
    let edges = [0] + cuts + [body.count]
    return zip(edges, edges.dropFirst()).enumerated().map { index, edge in
      let part = body[edge.0..<edge.1]
      var record = Array(datagram[..<11])
      record[10] &+= UInt8(index)
      record.append(bigEndian: UInt16(part.count + 12))
      return record + [1] + size(body.count) + datagram[17..<19] + size(edge.0) + size(part.count)
        + part
    }
  }

  /// A server that waits for its ClientHello.
  static func server() throws -> DTLSSession {
    var session = try DTLSSession(
      role: .server,
      identity: DTLSIdentities.other,
      remoteFingerprints: [DTLSIdentities.one.fingerprint],
      at: .zero,
      random: .seeded(31)
    )
    session.start(at: .zero)
    return session
  }

  /// Throws unless the fragments, in this order, are answered, and only when the last is there.
  static func expectAnswer(length: Int, cuts: [Int], order: [Int]) throws {
    let pieces = cut(try hello(length: length), at: cuts)
    var session = try server()
    for (count, index) in order.enumerated() {
      try expect(DTLSPair.datagram(of: &session) == nil, "answered after \(count) pieces")
      let piece = pieces[index]
      session.receive(piece.span, at: .zero)
    }
    guard let answer = DTLSPair.datagram(of: &session) else {
      throw CheckFailure(description: "\(length) bytes cut at \(cuts) were not answered")
    }
    try expectEqual(answer[13], 2, "the message type")
  }

  /// Feeds `input` as a fragment, then the rest of the true message.
  static func feed(_ input: [UInt8]) {
    guard var session = try? server() else { return }
    session.receive(input.span, at: .zero)
    session.receive(input.span, at: .zero)
    while DTLSPair.datagram(of: &session) != nil {}
  }

  private static func size(_ value: Int) -> [UInt8] {
    [UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }
}
