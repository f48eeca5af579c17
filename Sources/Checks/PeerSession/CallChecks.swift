// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import PeerSession
internal import RTP
internal import SDP
internal import Wire

extension Check {
  /// Two sessions in a call, either of them offering, on a virtual clock.
  public static let calls: [Check] = [
    Check("a call carries pictures and sound both ways, unchanged, on a clear line") {
      for (seed, trickles) in zip(UInt64(200)...203, [true, false, true, false]) {
        var call = try started(seed: seed, trickles: trickles)
        try steady(&call, "seed \(seed)")
      }
    },
    Check(
      "a call with a peer without Opus carries G.711 both ways, and goes on so when renegotiated"
    ) {
      for (seed, number) in zip(UInt64(204)...205, ["0", "8"]) {
        var call = CallSimulation(seed: seed)
        // A peer that knows nothing but the telephone's codecs, or one of them.
        call.rewritesOffer = { offer in
          offer.replacing("SAVPF 111 63 0 8\r\n", with: "SAVPF \(number)\r\n")
            .split(separator: "\r\n").filter { !$0.contains(":111 ") && !$0.contains(":63 ") }.map {
              $0 + "\r\n"
            }.joined()
        }
        try call.addBoth()
        try call.negotiate(from: .caller)
        try call.run(for: .seconds(10)) { $0.isConnected }
        try expect(call.isConnected, "seed \(seed): not connected")
        try call.run(for: .seconds(1))
        _ = try call.settle()
        for round in 0..<3 {
          for side in CallSimulation.Side.allCases {
            let id = call[side].session.transceivers.first { $0.kind == .audio }?.id
            let codec = id.flatMap { call[side].session.audioCodec(sending: $0) }
            try expectEqual(codec, number == "0" ? .pcmu : .pcma, "codec of the \(side)")
          }
          try steady(&call, "seed \(seed), round \(round)")
          _ = try call.add("more-\(round)", to: round == 1 ? .callee : .caller)
          try call.negotiate(from: round == 1 ? .callee : .caller)
          // Pictures of the new m-line may come before the answer that tells of it.
          try call.run(for: .milliseconds(600))
          try call.expectWhole(["0", "1"], "seed \(seed), after round \(round)")
        }
      }
    },
    Check("a call at 5 % loss loses little, and damages nothing") {
      for seed in UInt64(210)...213 {
        var weather = Link.Weather(latency: .milliseconds(15))
        weather.loss = 0.05
        var call = try started(seed: seed, weather: weather)
        try call.run(for: .seconds(6))
        for side in CallSimulation.Side.allCases {
          let id = call[side].session.transceivers.first { $0.kind == .audio }?.id
          let loss = id.flatMap { call[side].session.audioLoss(sending: $0) }
          try expect(
            loss.map { $0 < 0.5 } == true,
            "seed \(seed): the \(side) knows of \(loss ?? -1)"
          )
        }
        let restored = CallSimulation.Side.allCases.map { side in
          call[side].session.receiverStatistics.reduce(0) { $0 + $1.statistics.packetsRestored }
        }
        try expect(restored.reduce(0, +) > 0, "seed \(seed): no copy of a packet was of use")
        let (arrived, lost) = try call.settle()
        try expect(arrived > 450, "seed \(seed): only \(arrived) pieces")
        // Pictures are sent again, sound is not.
        try expect(lost * 12 < arrived, "seed \(seed): \(lost) lost of \(arrived)")
      }
    },
    Check("either end of a call may be the DTLS client, and it stays so") {
      for (seed, setup) in zip(UInt64(220)...222, ["actpass", "active", "passive"]) {
        var call = CallSimulation(seed: seed)
        call.rewritesOffer = { $0.replacing("a=setup:actpass", with: "a=setup:\(setup)") }
        try call.addBoth()
        try call.negotiate(from: .caller)
        try call.run(for: .seconds(3)) { $0.isConnected }
        try expect(call.isConnected, "\(setup): not connected")
        call.rewritesOffer = nil
        for side in [CallSimulation.Side.callee, .caller, .callee] {
          _ = try call.add("more", to: side)
          try call.negotiate(from: side)
          try call.run(for: .seconds(1))
          _ = try call.settle()
          try steady(&call, "setup \(setup), offered by the \(side)")
        }
        try call.expectAgreement(setup)
      }
    },
    Check("tracks come, go and change while the other m-lines lose nothing", changes),
    Check("ICE restarts from either side while a call goes on") {
      for (seed, trickles) in zip(UInt64(240)...241, [true, false]) {
        var call = try started(seed: seed, trickles: trickles)
        var names: Set<String> = [call.caller.session.usernameFragment]
        for round in 0..<6 {
          let side: CallSimulation.Side = round % 2 == 0 ? .caller : .callee
          call[side].session.restartICE()
          try expect(call[side].session.needsNegotiation, "round \(round): no need")
          try call.negotiate(from: side)
          try expect(!call[side].session.needsNegotiation, "round \(round): need stays")
          names.insert(call.caller.session.usernameFragment)
          try steady(&call, "seed \(seed), round \(round)")
          try expect(
            call.caller.session.roundTripTime != nil && call.callee.session.roundTripTime != nil,
            "seed \(seed), round \(round): no new pair"
          )
        }
        try expectEqual(names.count, 7, "seed \(seed): user name fragments")
        try call.expectAgreement("seed \(seed)")
      }
    },
    Check("a restart that is asked for while an offer is out comes with the next") {
      var call = try started(seed: 245)
      let offered = try call.offer(from: .caller)
      call.caller.session.restartICE()
      try call.conclude(try call.answer(offered, at: .callee), at: .caller)
      try expect(call.caller.session.needsNegotiation, "the restart is forgotten")
      let name = call.caller.session.usernameFragment
      try call.negotiate(from: .caller)
      try expect(call.caller.session.usernameFragment != name, "no restart")
      try steady(&call, "after it")
    },
    Check("a rollback leaves a call as it was", rollsBack),
    Check("a provisional answer connects, and the final one confirms it") {
      for seed in UInt64(260)...261 {
        var call = CallSimulation(seed: seed)
        try call.addBoth()
        let offered = try call.offer(from: .caller)
        let early = try call.answer(offered, at: .callee, .provisionalAnswer)
        try call.conclude(early, at: .caller, .provisionalAnswer)
        try expectEqual(
          call.callee.session.signalingState,
          .haveLocalProvisionalAnswer,
          "callee"
        )
        try expectEqual(
          call.caller.session.signalingState,
          .haveRemoteProvisionalAnswer,
          "caller"
        )
        try call.run(for: .seconds(3)) { $0.isConnected }
        try expect(call.isConnected, "seed \(seed): not connected")
        try call.run(for: .seconds(1))
        _ = try call.settle()
        try call.conclude(try call.answerAgain(at: .callee, .answer), at: .caller)
        try steady(&call, "seed \(seed)")
        try call.expectAgreement("seed \(seed)")
      }
    },
    Check("both offer at once, and again: perfect negotiation always ends in the same m-lines") {
      for seed in UInt64(1000)...1039 { try collides(seed: seed) }
    },
    Check("calls and damaged descriptions in any order: what is refused changes nothing") {
      for target in FuzzTarget.negotiation { target.mutate(count: 1_000, seed: 9429) }
    },
    Check("either end closes at any point, and both fall silent", closes),
  ]

  private static func started(
    seed: UInt64,
    weather: Link.Weather = Link.Weather(),
    trickles: Bool = true
  ) throws -> CallSimulation {
    var call = CallSimulation(seed: seed, weather: weather, trickles: trickles)
    try call.addBoth()
    try call.negotiate(from: .caller)
    try call.run(for: .seconds(10)) { $0.isConnected }
    try expect(call.isConnected, "seed \(seed): not connected")
    // The end that is secure first has pictures come too early at the other.
    try call.run(for: .seconds(1))
    _ = try call.settle()
    try expectEqual(call.refusedCandidates, 0, "seed \(seed): candidates refused")
    try call.expectAgreement("seed \(seed)")
    return call
  }

  /// A second of media on a clear line, of which nothing may be missing.
  private static func steady(_ call: inout CallSimulation, _ what: String) throws {
    try call.run(for: .seconds(1))
    let (arrived, lost) = try call.settle()
    try expect(arrived >= 90, "\(what): only \(arrived) pieces")
    try expectEqual(lost, 0, "\(what): lost pieces")
    try expect(call.isConnected, "\(what): not connected")
  }

  /// Renegotiates in the middle of media; the m-lines that are not touched lose nothing.
  private static func changes() throws {
    for seed in UInt64(230)...233 {
      var call = try started(seed: seed, trickles: seed % 2 == 0)
      var random = RandomSource.seeded(seed)
      var added: [(side: CallSimulation.Side, id: Transceiver.ID)] = []
      for round in 0..<24 {
        let side: CallSimulation.Side = Bool.random(using: &random) ? .caller : .callee
        let what = "seed \(seed), round \(round)"
        try call.run(for: .milliseconds(300))
        switch added.isEmpty ? 0 : Int.random(in: 0..<5, using: &random) {
        case 0 where added.count < 6:
          let kind: MediaKind = Bool.random(using: &random) ? .video : .audio
          added.append((side, try call.add("track-\(round)", to: side, kind)))
        case 1:
          let (side, id) = added.remove(at: Int.random(in: 0..<added.count, using: &random))
          call[side].session.stopTransceiver(id)
        case 2:
          guard let (side, id) = added.randomElement(using: &random) else { break }
          let all: [MediaDirection] = [.sendrecv, .sendonly, .recvonly, .inactive]
          call[side].session.setDirection(
            all[Int.random(in: 0..<4, using: &random)],
            of: id
          )
        case 3:
          guard let (side, id) = added.randomElement(using: &random) else { break }
          let kind = call[side].session.transceivers.first { $0.id == id }?.kind ?? .video
          call[side].session.setOutgoing(CallPeer.track("new-\(round)", kind), of: id)
        default:
          guard let (side, id) = added.randomElement(using: &random) else { break }
          call[side].session.setOutgoing(nil, of: id)
          let kind = call[side].session.transceivers.first { $0.id == id }?.kind ?? .video
          call[side].session.setDirection(.recvonly, of: id)
          if kind == .video { call[side].session.setStreams([], of: id) }
        }
        let requests = call.caller.keyframeRequests
        try call.negotiate(from: side)
        try call.expectAgreement(what)
        try call.run(for: .milliseconds(300))
        try call.expectWhole(["0", "1"], what)
        try expect(call.caller.keyframeRequests - requests < 8, "\(what): keyframes asked for")
      }
      let lines = try SessionDescription(parsing: call.caller.session.localDescription ?? "").media
      try expect(lines.count <= 10, "seed \(seed): \(lines.count) m-lines, none used again")
    }
  }

  private static func rollsBack() throws {
    for seed in UInt64(250)...251 {
      var call = try started(seed: seed)
      let before = call.caller.session.localDescription
      let id = try call.add("late", to: .caller)
      let offered = try call.offer(from: .caller)
      try call.caller.session.rollBack()
      try expectEqual(call.caller.session.localDescription, before, "description")
      try expectEqual(
        call.caller.session.transceivers.first { $0.id == id }?.mid,
        nil,
        "mid after the rollback"
      )
      try expect(call.caller.session.needsNegotiation, "the need is forgotten")
      try steady(&call, "after an explicit rollback")
      // The other end has taken the offer: it goes back too.
      try call.callee.session.setRemoteDescription(.offer, offered, at: call.now)
      try expectEqual(call.callee.session.transceivers.count, 3, "transceivers with the offer")
      try call.callee.session.rollBack()
      try expectEqual(call.callee.session.transceivers.count, 2, "transceivers without it")
      // Both offer, and one of them gives way.
      _ = try call.add("other", to: .callee)
      let theirs = try call.offer(from: .callee)
      _ = try call.offer(from: .caller)
      try call.conclude(try call.answer(theirs, at: .caller), at: .callee)
      try call.expectAgreement("after an implicit rollback")
      try call.negotiate(from: .caller)
      try call.expectAgreement("in the end")
      try call.run(for: .seconds(1))
      _ = try call.settle()
      try steady(&call, "in the end")
    }
  }

  private static func collides(seed: UInt64) throws {
    var weather = Link.Weather(latency: .milliseconds(10), jitter: .milliseconds(10))
    weather.loss = seed % 4 == 0 ? 0.05 : 0
    var call = CallSimulation(seed: seed, weather: weather)
    call.isPerfect = true
    call.signalingDelay = .milliseconds(Int64(seed % 5) * 40)
    var random = RandomSource.seeded(seed)
    for side in CallSimulation.Side.allCases { _ = try call.add("first", to: side) }
    for round in 0..<8 {
      try call.run(for: .milliseconds(Int64.random(in: 0...200, using: &random)))
      for side in CallSimulation.Side.allCases where Bool.random(using: &random) {
        let ids = call[side].session.transceivers.filter { !$0.isStopping }.map(\.id)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where ids.count < 6:
          _ = try call.add("\(side)-\(round)", to: side, round % 2 == 0 ? .video : .audio)
        case 1 where ids.count > 2:
          call[side].session.stopTransceiver(ids[Int.random(in: 0..<ids.count, using: &random)])
        case 2:
          call[side].session.restartICE()
        default:
          let id = ids[Int.random(in: 0..<ids.count, using: &random)]
          let all: [MediaDirection] = [.sendrecv, .sendonly, .recvonly, .inactive]
          call[side].session.setDirection(all[Int.random(in: 0..<4, using: &random)], of: id)
        }
      }
    }
    let what = "seed \(seed)"
    try call.run(for: .seconds(12))
    try call.expectAgreement(what)
    try expect(call.isConnected, "\(what): \(call.caller.session.state)")
    for side in CallSimulation.Side.allCases {
      try expect(!call[side].session.needsNegotiation, "\(what): the \(side) is not content")
    }
    _ = try call.settle()
    _ = try call.add("last", to: .caller)
    try call.run(for: .seconds(2))
    let (arrived, lost) = try call.settle()
    try expect(arrived > 20, "\(what): only \(arrived) pieces in the end, \(lost) lost")
  }

  private static func closes() throws {
    for side in CallSimulation.Side.allCases {
      for point in 0..<28 {
        var call = CallSimulation(seed: 270)
        try call.addBoth()
        let what = "the \(side) closes at point \(point)"
        var offered = ""
        var answered = ""
        if point > 0 { offered = try call.offer(from: .caller) }
        if point > 1 { try call.callee.session.setRemoteDescription(.offer, offered, at: call.now) }
        if point > 2 { answered = try call.answerAgain(at: .callee, .answer) }
        if point > 3 { try call.conclude(answered, at: .caller) }
        if point > 4 { try call.run(for: .milliseconds(Int64(point - 4) * 2)) }
        call[side].session.close()
        call.drain()
        let sent = call[side].session.statistics.datagramsSent
        try expectRefusals(&call, side, offered, what)
        try call.run(for: .seconds(90))
        try expectEqual(call[side].session.state, .closed, what)
        try expectEqual(call[side].session.statistics.datagramsSent, sent, "\(what): datagrams")
        try expectEqual(call[side].session.deadline, nil, "\(what): deadline")
        // Who was never answered has nothing that could end.
        let other = call[side.other].session.state
        let ends: [PeerConnectionState] =
          point > 4 ? [.closed, .failed] : [.closed, .failed, .new]
        try expect(ends.contains(other), "\(what): the other is \(other)")
        let silent = call[side.other].session.statistics.datagramsSent
        try call.run(for: .seconds(60))
        try expectEqual(
          call[side.other].session.statistics.datagramsSent,
          silent,
          "\(what): datagrams of the other"
        )
      }
    }
  }

  /// A closed session takes nothing more.
  private static func expectRefusals(
    _ call: inout CallSimulation,
    _ side: CallSimulation.Side,
    _ offered: String,
    _ what: String
  ) throws {
    let now = call.now
    var refused = 0
    do { _ = try call[side].session.createOffer() } catch { refused += 1 }
    do { _ = try call[side].session.createAnswer() } catch { refused += 1 }
    do { try call[side].session.rollBack() } catch { refused += 1 }
    do {
      try call[side].session.setRemoteDescription(.offer, offered, at: now)
    } catch { refused += 1 }
    do {
      try call[side].session.setLocalDescription(.offer, offered, at: now)
    } catch { refused += 1 }
    do { try call[side].session.addRemoteCandidate("", at: now) } catch { refused += 1 }
    try expectEqual(refused, 6, "\(what): calls refused")
    call[side].session.addLocalCandidate(host: call[side].address)
  }
}

extension CallSimulation {
  /// A picture and a sound each way, to begin with.
  fileprivate mutating func addBoth() throws {
    for side in Side.allCases {
      _ = try add("\(side)-camera", to: side)
      _ = try add("\(side)-microphone", to: side, .audio)
    }
  }

  /// Lets what is under way come, and throws if anything of these m-lines has not.
  fileprivate mutating func expectWhole(_ mids: [String], _ what: String) throws {
    hasMedia = false
    try run(for: .milliseconds(500))
    hasMedia = true
    for mid in mids {
      for side in Side.allCases {
        let said = self[side].sent[mid] ?? []
        try expect(said.count >= 10, "\(what): only \(said.count) pieces on \(mid)")
        try expectEqual(self[side.other].received[mid] ?? [], said, "\(what): m-line \(mid)")
      }
    }
    caller.clearLedger()
    callee.clearLedger()
  }
}

extension String {
  /// The text with every `old` replaced.
  func replacing(_ old: String, with new: String) -> String {
    var result: [UInt8] = []
    var rest = Array(utf8)[...]
    let pattern = Array(old.utf8)
    while !rest.isEmpty {
      if rest.starts(with: pattern) {
        result += new.utf8
        rest = rest.dropFirst(pattern.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
