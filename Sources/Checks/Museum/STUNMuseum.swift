// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import Wire

extension Check {
  /// STUN messages and the agent behind them.
  static let museumSTUN: [Check] = [
    Check(
      "a STUN header cut short by any number of bytes is dropped",
      after: "algesten/str0m #709"
    ) {
      var stand = STUNStand()
      let whole = Array(stand.request().prefix(20))
      for count in 0..<20 {
        let cut = Array(whole.prefix(count))
        try expect(!ICEAgent.isSTUN(cut.span), "\(count) bytes pass for STUN")
        try expectEqual(ICEAgent.requestedUsernameFragment(cut.span), nil, "fragment")
        try expectEqual(stand.feed(cut).count, 0, "answers to \(count) bytes")
      }
      try expectEqual(stand.agent.statistics.malformed, 20, "malformed")
      try stand.expectAlive()
    },
    Check(
      "a Binding Indication without USERNAME is ignored",
      after: "algesten/str0m #690"
    ) {
      var stand = STUNStand()
      var writer = STUNWriter(.indication, transaction: stand.nextTransaction())
      writer.addFingerprint()
      try expectEqual(stand.feed(writer.bytes).count, 0, "answers")
      try expectEqual(stand.agent.statistics.ignored, 1, "ignored")
      try stand.expectAlive()
    },
    Check(
      "an error response to nothing that was asked is dropped",
      after: "algesten/str0m #488"
    ) {
      var stand = STUNStand()
      for code: UInt16 in [300, 400, 401, 438, 487, 699] {
        var writer = STUNWriter(.failure, transaction: stand.nextTransaction())
        writer.append(errorCode: code)
        writer.authenticate(key: Array(stand.theirs.password.utf8))
        writer.addFingerprint()
        try expectEqual(stand.feed(writer.bytes).count, 0, "answers to \(code)")
      }
      try expectEqual(stand.agent.statistics.unexpectedResponses, 6, "unexpected responses")
      try expectEqual(stand.agent.role, .controlled, "role")
      try stand.expectAlive()
    },
    Check(
      "responses and requests come to an agent that has no peer's credentials yet",
      after: "algesten/str0m #460, pjsip/pjproject #321"
    ) {
      var stand = STUNStand(knowsPeer: false)
      var writer = STUNWriter(.success, transaction: stand.nextTransaction())
      writer.append(mappedAddress: stand.local)
      try expectEqual(stand.feed(writer.bytes).count, 0, "answers to a response")
      try expectEqual(stand.agent.statistics.unexpectedResponses, 1, "unexpected responses")
      try stand.expectAlive()
    },
    Check(
      "a request arrives at an address that is none of our candidates",
      after: "algesten/str0m #473"
    ) {
      var stand = STUNStand()
      let answers = stand.feed(stand.request(), at: ICESimulation.address(99))
      try expectEqual(answers.count, 0, "answers")
      try expectEqual(stand.agent.statistics.ignored, 1, "ignored")
      try stand.expectAlive()
    },
    Check(
      "a length near 65,535 that wraps when the header is added is dropped",
      after: "coturn/coturn #1964"
    ) {
      var stand = STUNStand()
      let whole = stand.request()
      for length: UInt16 in [65_516, 65_520, 65_524, 65_528, 65_532, 65_535] {
        var request = whole
        request.replace(at: 2, bigEndian: length)
        try expectEqual(stand.feed(request).count, 0, "answers to length \(length)")
        try expectEqual(ICEAgent.requestedUsernameFragment(request.span), nil, "fragment")
      }
      try expectEqual(stand.agent.statistics.malformed, 6, "malformed")
      try stand.expectAlive()
    },
    Check(
      "an ERROR-CODE of less than four bytes is dropped, and the check goes on",
      after: "CVE-2021-37706, CVE-2023-32307"
    ) {
      var stand = STUNStand()
      guard let check = stand.check() else { throw CheckFailure(description: "no check is sent") }
      for length in 0..<4 {
        var writer = STUNWriter(.failure, transaction: check.transaction)
        writer.append(.errorCode, value: [UInt8](repeating: 4, count: length))
        writer.authenticate(key: Array(stand.theirs.password.utf8))
        writer.addFingerprint()
        try expectEqual(stand.feed(writer.bytes).count, 0, "answers")
      }
      try expectEqual(stand.agent.statistics.malformed, 4, "malformed")
      try expectEqual(stand.agent.path, nil, "path")
      try stand.answer(check)
    },
    Check(
      "numbers of a wrong length, authentic for all that, are dropped",
      after: "CVE-2023-32307"
    ) {
      var stand = STUNStand()
      let attributes: [(STUNAttribute, Int)] = [
        (.priority, 4), (.iceControlling, 8), (.iceControlled, 8), (.fingerprint, 4),
      ]
      var count = 0
      for (attribute, right) in attributes {
        for length in 0..<12 where length != right {
          let request = stand.request { writer in
            writer.append(attribute, value: [UInt8](repeating: 1, count: length))
          }
          try expectEqual(stand.feed(request).count, 0, "answers to \(attribute) of \(length)")
          count += 1
        }
      }
      try expectEqual(stand.agent.statistics.malformed, count, "malformed")
      try stand.expectAlive()
    },
    Check(
      "an attribute of unknown type says it is longer than the datagram",
      after: "CVE-2023-22741"
    ) {
      var stand = STUNStand()
      for length: UInt16 in [5, 8, 1_000, 0xFFFC, 0xFFFF] {
        var writer = STUNWriter(.request, transaction: stand.nextTransaction())
        writer.append(type: 0x7ABC, value: [1, 2, 3, 4])
        var request = writer.bytes
        request.replace(at: 22, bigEndian: length)
        try expectEqual(stand.feed(request).count, 0, "answers to length \(length)")
        try expectEqual(ICEAgent.requestedUsernameFragment(request.span), nil, "fragment")
      }
      try expectEqual(stand.agent.statistics.malformed, 5, "malformed")
      try stand.expectAlive()
    },
    Check(
      "400 attributes of unknown types are answered by 420 and eight of them",
      after: "CVE-2022-23547"
    ) {
      var stand = STUNStand()
      let request = stand.request { writer in
        for type in 0..<400 { writer.append(type: 0x7000 + UInt16(type), value: []) }
      }
      let answers = stand.feed(request)
      try expectEqual(answers.count, 1, "answers")
      let answer = answers[0]
      try expectEqual(STUNMessage(parsing: answer.span)?.errorCode, 420, "code")
      try expect(answer.count < 100, "the answer has \(answer.count) bytes")
      try expectEqual(stand.agent.statistics.unknownAttributes, 1, "unknown attributes")
      try stand.expectAlive()
    },
    Check(
      "a USERNAME longer than any user name can be is dropped",
      after: "sepfy/libpeer #264"
    ) {
      var stand = STUNStand()
      for length in [514, 1_000, 1_900] {
        var writer = STUNWriter(.request, transaction: stand.nextTransaction())
        writer.append(.username, value: [UInt8](repeating: UInt8(ascii: "a"), count: length))
        writer.authenticate(key: Array(stand.ours.password.utf8))
        try expectEqual(stand.feed(writer.bytes).count, 0, "answers to \(length) bytes")
        try expectEqual(ICEAgent.requestedUsernameFragment(writer.bytes.span), nil, "fragment")
      }
      try expectEqual(stand.agent.statistics.malformed, 3, "malformed")
      try stand.expectAlive()
    },
    Check(
      "an authentic request without USERNAME is dropped",
      after: "RestComm/media-core #360"
    ) {
      var stand = STUNStand()
      var writer = STUNWriter(.request, transaction: stand.nextTransaction())
      writer.append(.priority, number: UInt32(1))
      writer.authenticate(key: Array(stand.ours.password.utf8))
      writer.addFingerprint()
      try expectEqual(stand.feed(writer.bytes).count, 0, "answers")
      try expectEqual(stand.agent.statistics.badUsername, 1, "bad user name")
      try stand.expectAlive()
    },
    Check(
      "requests that nominate, with the right user name and no or wrong integrity, move nothing",
      after: "pion/ice #19, OvenMediaLabs/OvenMediaEngine #2086"
    ) {
      var stand = STUNStand()
      for number in 0..<3 {
        var writer = STUNWriter(.request, transaction: stand.nextTransaction())
        writer.append(.username, value: Array(stand.username.utf8))
        writer.append(.priority, number: UInt32.max)
        writer.append(.useCandidate)
        if number == 1 { writer.append(.messageIntegrity, value: [UInt8](repeating: 0, count: 20)) }
        if number == 2 { writer.authenticate(key: Array(stand.theirs.password.utf8)) }
        writer.addFingerprint()
        try expectEqual(stand.feed(writer.bytes).count, 0, "answers")
        try expect(!stand.agent.accepts(from: stand.remote, to: stand.local), "accepted")
      }
      try expectEqual(stand.agent.statistics.badIntegrity, 3, "bad integrity")
      try stand.expectAlive()
    },
    Check(
      "what pads our attributes to words is zero, and no old memory",
      after: "CVE-2020-4067"
    ) {
      var stand = STUNStand(fragment: "oddly")
      guard let check = stand.check() else { throw CheckFailure(description: "no check is sent") }
      var reader = ByteReader(check.bytes.span)
      try expect(reader.skip(20), "no header")
      var padding = 0
      while reader.readUInt16() != nil, let length = reader.readUInt16(), reader.skip(Int(length)) {
        for _ in 0..<(-Int(length) & 3) {
          try expectEqual(reader.readUInt8(), 0, "padding")
          padding += 1
        }
      }
      try expect(reader.isAtEnd && padding > 0, "\(padding) bytes of padding were seen")
    },
    Check(
      "more candidates than fit are counted, and the peer is still found",
      after: "pjsip/pjproject #2214"
    ) {
      var stand = STUNStand()
      for number in 0..<1_000 as Range<UInt32> {
        stand.add(SocketAddress(.v4(0x0A00_0000 | number), port: 9))
      }
      try expect(stand.agent.statistics.overLimit > 900, "no limit was met")
      try stand.expectAlive()
    },
    Check(
      "no candidate of the peer can be used, and the peer is found all the same",
      after: "pjsip/pjproject #2952, pjsip/pjproject #4167"
    ) {
      var stand = STUNStand()
      let good = "candidate:1 1 udp 2130706431 192.0.2.1 9 typ host"
      let useless = [
        "candidate:1 1 udp 1 170ba328-8d0e-4023-879f-65d5b945007e.local 48905 typ host",
        "candidate:1 2 udp 1 192.0.2.1 9 typ host", "candidate:1 1 tcp 1 192.0.2.1 9 typ host",
        "candidate:1 1 udp 1 0.0.0.0 9 typ host", "candidate:1 1 udp 1 224.0.0.1 9 typ host",
      ]
      for text in useless { try stand.add(text) }
      let words = good.utf8.split(separator: UInt8(ascii: " "))
      let cut = (0..<words.count).map { count in
        String(decoding: Array(words.prefix(count).joined(separator: [32])), as: UTF8.self)
      }
      let broken = [
        "candidate:", String(repeating: " ", count: 1_000), String(repeating: "1 ", count: 500),
        good + String(repeating: " x y", count: 400),
        "candidate:1 1 udp 4294967296 192.0.2.1 9 typ host",
        "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
        "candidate:1 257 udp 1 192.0.2.1 9 typ host", "candidate:1 1 sctp 1 192.0.2.1 9 typ host",
      ]
      for text in cut + broken {
        try expect(ICECandidate(parsing: text) == nil, "'\(text)' was taken")
      }
      stand.endCandidates()
      let statistics = stand.agent.statistics
      try expectEqual(statistics.namedCandidates, 1, "named")
      try expectEqual(statistics.ignoredCandidates, 4, "ignored")
      try stand.expectAlive()
    },
  ]
}

/// One agent, and a peer that knows the password and says what it likes.
struct STUNStand {
  /// A check of the agent, as it went out.
  struct SentCheck {
    var bytes: [UInt8]
    var transaction: STUNTransactionID
  }

  private(set) var agent: ICEAgent
  let ours: ICECredentials
  let theirs: ICECredentials
  let local = ICESimulation.address(1)
  let remote = ICESimulation.address(2)
  private var random = RandomSource.seeded(2_112)

  init(knowsPeer: Bool = true, fragment: String? = nil) {
    ours = .random(using: &random)
    let drawn = ICECredentials.random(using: &random)
    theirs = ICECredentials(
      usernameFragment: fragment ?? drawn.usernameFragment,
      password: drawn.password
    )
    agent = ICEAgent(role: .controlled, credentials: ours, random: .seeded(1), at: .zero)
    _ = agent.addLocalCandidate(host: local)
    if knowsPeer { agent.setRemoteCredentials(theirs, isLite: false) }
  }

  /// The user name of requests to the agent.
  var username: String { "\(ours.usernameFragment):\(theirs.usernameFragment)" }

  mutating func nextTransaction() -> STUNTransactionID { .random(using: &random) }

  /// An authentic request, with what `fill` adds to it.
  mutating func request(_ fill: (inout STUNWriter) -> Void = { _ in }) -> [UInt8] {
    var writer = STUNWriter(.request, transaction: nextTransaction())
    writer.append(.username, value: Array(username.utf8))
    fill(&writer)
    writer.authenticate(key: Array(ours.password.utf8))
    writer.addFingerprint()
    return writer.bytes
  }

  /// Gives the agent a datagram; answers its responses.
  mutating func feed(_ bytes: [UInt8], at address: SocketAddress? = nil) -> [[UInt8]] {
    agent.receive(bytes.span, from: remote, to: address ?? local, at: .zero)
    return sent().filter { bytes in
      let message = STUNMessage(parsing: bytes.span)
      return message?.messageClass == .success || message?.messageClass == .failure
    }
  }

  /// Signals a candidate of the peer.
  mutating func add(_ address: SocketAddress) {
    agent.addRemoteCandidate(
      ICECandidate(
        foundation: "1",
        priority: 1,
        address: .ip(address.ip),
        port: address.port,
        kind: .host
      ),
      at: .zero
    )
  }

  /// Signals a candidate of the peer, as in `a=candidate`.
  mutating func add(_ text: String) throws {
    guard let candidate = ICECandidate(parsing: text) else {
      throw CheckFailure(description: "'\(text)' cannot be read")
    }
    agent.addRemoteCandidate(candidate, at: .zero)
  }

  /// Says that there are no more candidates.
  mutating func endCandidates() {
    agent.endOfRemoteCandidates()
  }

  /// Lets the agent check the peer's address.
  mutating func check() -> SentCheck? {
    add(remote)
    agent.advance(to: .zero)
    for bytes in sent() {
      guard let message = STUNMessage(parsing: bytes.span), message.messageClass == .request
      else { continue }
      return SentCheck(bytes: bytes, transaction: message.transaction)
    }
    return nil
  }

  /// Answers `check` rightly; throws unless the agent has a path by it.
  mutating func answer(_ check: SentCheck) throws {
    var writer = STUNWriter(.success, transaction: check.transaction)
    writer.append(mappedAddress: local)
    writer.authenticate(key: Array(theirs.password.utf8))
    writer.addFingerprint()
    _ = feed(writer.bytes)
    try expectEqual(agent.path, Transmit(from: local, to: remote), "path after a good answer")
  }

  /// Throws unless a good request is still answered, once, with success.
  mutating func expectAlive() throws {
    let before = agent.statistics.requestsReceived
    let answers = feed(request())
    try expectEqual(answers.count, 1, "answers to a good request")
    let answer = answers[0]
    let message = STUNMessage(parsing: answer.span)
    try expectEqual(message?.messageClass, .success, "class")
    try expectEqual(message?.mappedAddress, remote, "address")
    try expectEqual(agent.statistics.requestsReceived, before + 1, "requests received")
  }

  private mutating func sent() -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let (bytes, _) = ICESimulation.transmit(&agent) { all.append(bytes) }
    return all
  }
}
