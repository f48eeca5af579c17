// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import MediaTypes
internal import PeerSession
internal import RTP
internal import SDP
internal import Wire

extension Check {
  /// A camera and a viewer, whole, on a virtual clock.
  public static let peerSession: [Check] = [
    Check("first bytes are told apart as RFC 7983 says, all 256 of them", classifiesFirstBytes),
    Check("a picture arrives unchanged on a clear line") {
      try deliversEverything(weather: Link.Weather(), seeds: 1...3, lost: 0)
    },
    Check("every frame arrives under reordering and duplication") {
      var weather = Link.Weather(latency: .milliseconds(20), jitter: .milliseconds(8))
      weather.duplication = 0.1
      weather.reordering = 0.1
      try deliversEverything(weather: weather, seeds: 10...12, lost: 0)
    },
    Check("at 5 % loss 99 % of the frames arrive, by retransmission") {
      var weather = Link.Weather(latency: .milliseconds(20))
      weather.loss = 0.05
      try deliversEverything(weather: weather, seeds: 20...23, lost: 0.01)
    },
    Check("it connects at 25 % loss within ten seconds") {
      for seed in UInt64(30)...45 {
        var scenario = CameraSimulation.Scenario(
          seed: seed,
          viewer: CameraSimulation.viewerIdentity
        )
        scenario.weather = Link.Weather(latency: .milliseconds(20))
        scenario.weather.loss = 0.25
        scenario.length = .seconds(10)
        var simulation = try CameraSimulation(scenario)
        simulation.run { $0.connectedAfter != nil }
        try expect(simulation.connectedAfter != nil, "seed \(seed): not connected")
      }
    },
    Check("no candidates in either description: peer-reflexive ones suffice") {
      var scenario = CameraSimulation.Scenario(seed: 50, viewer: CameraSimulation.viewerIdentity)
      scenario.viewer.tellsCandidates = false
      try connects(scenario)
    },
    Check("a viewer that is the DTLS client is served by a DTLS server") {
      var scenario = CameraSimulation.Scenario(seed: 51, viewer: CameraSimulation.viewerIdentity)
      scenario.viewer.setup = "active"
      try connects(scenario)
    },
    Check("a wrong fingerprint in the offer: not one byte of media (S5)") {
      var scenario = CameraSimulation.Scenario(seed: 52, viewer: CameraSimulation.viewerIdentity)
      scenario.viewer.fingerprint = DTLSFingerprint(
        algorithm: "sha-256",
        digest: [UInt8](repeating: 7, count: 32)
      )
      scenario.length = .seconds(20)
      var simulation = try CameraSimulation(scenario)
      simulation.run()
      try expectEqual(simulation.viewer.counts.packets, 0, "media packets")
      try expectEqual(simulation.viewer.counts.refused, 0, "undecipherable media packets")
      try expectEqual(simulation.connectedAfter, nil, "connected")
      try expectEqual(simulation.failures, [.fingerprintMismatch], "failures")
      try expectEqual(simulation.session.state, .failed, "state")
    },
    Check("spoofed, damaged and replayed datagrams change nothing (S1, S2, S4)", survivesAttack),
    Check("no datagram is longer than 1,200 bytes") {
      var simulation = try run(seed: 60, .seconds(3))
      simulation.closeCamera()
      try expect(
        (1..<1201).contains(simulation.viewer.counts.longest),
        "longest is \(simulation.viewer.counts.longest)"
      )
    },
    Check("closing says BYE, and nothing is sent after it") {
      var simulation = try run(seed: 61, .seconds(2))
      simulation.closeCamera()
      simulation.settleLinks()
      try expect(simulation.viewer.counts.isGone, "no BYE")
      try expectEqual(simulation.session.state, .closed, "state")
      let sent = simulation.session.statistics.datagramsSent
      simulation.pushFrame()
      try expectEqual(simulation.session.statistics.datagramsSent, sent, "datagrams sent")
    },
    Check("sending stops within 30 s when the viewer is gone without a word (RFC 7675)") {
      var scenario = CameraSimulation.Scenario(seed: 62, viewer: CameraSimulation.viewerIdentity)
      scenario.length = .seconds(3)
      var simulation = try CameraSimulation(scenario)
      simulation.run()
      try expectEqual(simulation.session.state, .connected, "state")
      simulation.cutViewerOff()
      simulation.extend(by: .seconds(8))
      simulation.run()
      try expectEqual(simulation.session.state, .disconnected, "state after 8 s")
      simulation.extend(by: .seconds(23))
      simulation.run()
      try expectEqual(simulation.session.path, nil, "path after 31 s")
      try expectEqual(simulation.session.state, .failed, "state after 31 s")
    },
    Check("sequence numbers wrap without a lost frame", wraps),
    Check("a second offer leaves the picture running", renegotiates),
    Check("a restart of ICE leaves the picture running", restarts),
    Check("a viewer that comes back after an outage sees on") {
      var simulation = try run(seed: 64, .seconds(3))
      let weather = simulation.weather
      simulation.weather.isDown = true
      simulation.extend(by: .seconds(10))
      simulation.run()
      try expectEqual(simulation.session.state, .disconnected, "state in the outage")
      simulation.weather = weather
      simulation.extend(by: .seconds(5))
      let before = simulation.viewer.counts.frames
      simulation.run()
      try expectEqual(simulation.session.state, .connected, "state after it")
      let shown = simulation.viewer.counts.frames - before
      try expect(shown > 100, "only \(shown) frames in 5 s after the outage")
    },
    Check("a failed handshake stays failed, whatever ICE does") {
      var scenario = CameraSimulation.Scenario(seed: 65, viewer: CameraSimulation.viewerIdentity)
      scenario.viewer.fingerprint = DTLSFingerprint(
        algorithm: "sha-256",
        digest: [UInt8](repeating: 7, count: 32)
      )
      var simulation = try CameraSimulation(scenario)
      simulation.run { $0.session.state == .failed }
      try expectEqual(simulation.session.state, .failed, "state")
      let weather = simulation.weather
      simulation.weather.isDown = true
      simulation.extend(by: .seconds(8))
      simulation.run()
      try expectEqual(simulation.session.iceState, .disconnected, "ICE")
      try expectEqual(simulation.session.state, .failed, "state when ICE is disconnected")
      simulation.weather = weather
      simulation.extend(by: .seconds(8))
      simulation.run()
      try expect(simulation.session.path != nil, "ICE has no path again")
      try expectEqual(simulation.session.state, .failed, "state when ICE is connected")
    },
  ]

  private static func run(seed: UInt64, _ length: Duration) throws -> CameraSimulation {
    var scenario = CameraSimulation.Scenario(seed: seed, viewer: CameraSimulation.viewerIdentity)
    scenario.length = length
    var simulation = try CameraSimulation(scenario)
    simulation.run()
    return simulation
  }

  private static func connects(_ scenario: CameraSimulation.Scenario) throws {
    var simulation = try CameraSimulation(scenario)
    simulation.run()
    try expect(simulation.connectedAfter != nil, "not connected: \(simulation.failures)")
    try expect(simulation.viewer.counts.frames > 30, "\(simulation.viewer.counts)")
  }

  private static func deliversEverything(
    weather: Link.Weather,
    seeds: ClosedRange<UInt64>,
    lost: Double
  ) throws {
    for seed in seeds {
      var scenario = CameraSimulation.Scenario(
        seed: seed,
        viewer: CameraSimulation.viewerIdentity
      )
      scenario.weather = weather
      scenario.length = .seconds(9)
      scenario.keepsUnits = true
      var simulation = try CameraSimulation(scenario)
      simulation.run()
      let counts = simulation.viewer.counts
      let allowed = 2 + Int(Double(simulation.sent) * lost)
      try expect(simulation.sent > 230, "seed \(seed): only \(simulation.sent) frames sent")
      try expect(
        counts.frames >= simulation.sent - allowed,
        "seed \(seed): \(counts.frames) of \(simulation.sent) frames: \(counts)"
      )
      try expect(counts.senderReports > 5, "seed \(seed): \(counts.senderReports) sender reports")
      try expect(simulation.isUnitOrderKept, "seed \(seed): a frame is damaged or out of order")
    }
  }

  /// Of some seeds the one whose numbers begin highest, as each step to the wrap costs.
  private static func wraps() throws {
    var highest: (number: UInt16, seed: UInt64) = (0, 0)
    for seed in UInt64(100)...130 {
      var beginning = try CameraSimulation(
        .init(seed: seed, viewer: CameraSimulation.viewerIdentity)
      )
      beginning.run { $0.viewer.counts.packets > 0 }
      let number = beginning.viewer.counts.lastNumber
      if number > highest.number { highest = (number, seed) }
    }
    var scenario = CameraSimulation.Scenario(
      seed: highest.seed,
      viewer: CameraSimulation.viewerIdentity
    )
    scenario.length = .seconds(400)
    var simulation = try CameraSimulation(scenario)
    simulation.run { $0.viewer.counts.wraps > 0 }
    try expectEqual(simulation.viewer.counts.wraps, 1, "wraps")
    simulation.settleLinks()
    let before = simulation.viewer.counts.frames
    try expectEqual(before, simulation.sent, "frames up to the wrap")
    simulation.resume(for: .seconds(5))
    simulation.settleLinks()
    try expect(simulation.sent > before + 140, "only \(simulation.sent - before) more frames")
    try expectEqual(simulation.viewer.counts.frames, simulation.sent, "frames")
    try expectEqual(simulation.viewer.counts.refused, 0, "undecipherable packets")
  }

  private static func renegotiates() throws {
    var simulation = try run(seed: 66, .seconds(2))
    let local = simulation.session.localDescription
    let requests = simulation.keyframeRequests
    try simulation.renegotiate()
    simulation.extend(by: .seconds(2))
    simulation.run()
    simulation.settleLinks()
    try expectEqual(simulation.viewer.counts.frames, simulation.sent, "frames")
    try expect(simulation.sent > 100, "only \(simulation.sent) frames")
    try expectEqual(simulation.keyframeRequests, requests, "keyframes asked for")
    try expectEqual(simulation.session.state, .connected, "state")
    // Only the version in the second line may differ.
    func rest(_ text: String?) -> [String] {
      (text ?? "").utf8.split(separator: 10).dropFirst(2).map {
        String(decoding: Array($0), as: UTF8.self)
      }
    }
    try expectEqual(rest(simulation.session.localDescription), rest(local), "description")
  }

  /// Ten generations in a row: nothing is lost, nothing is asked for, the keys stay.
  private static func restarts() throws {
    var simulation = try run(seed: 67, .seconds(2))
    let requests = simulation.keyframeRequests
    var names: Set<String> = [simulation.session.usernameFragment]
    for generation in 1...10 {
      try simulation.restart()
      names.insert(simulation.session.usernameFragment)
      try expect(simulation.session.path != nil, "generation \(generation): no path at its start")
      try expectEqual(simulation.session.state, .connected, "state of generation \(generation)")
      simulation.extend(by: .seconds(2))
      simulation.run()
      // A round trip is known of a pair of the new generation only.
      try expect(simulation.session.roundTripTime != nil, "generation \(generation): no new pair")
    }
    simulation.extend(by: .seconds(35))
    simulation.run()
    simulation.settleLinks()
    try expectEqual(names.count, 11, "user name fragments")
    try expectEqual(simulation.viewer.counts.frames, simulation.sent, "frames")
    try expect(simulation.sent > 1600, "only \(simulation.sent) frames")
    try expectEqual(simulation.viewer.counts.refused, 0, "packets that failed authentication")
    try expectEqual(simulation.keyframeRequests, requests, "keyframes asked for")
    try expectEqual(simulation.session.state, .connected, "state")
  }

  private static func classifiesFirstBytes() throws {
    for byte in UInt8.min...UInt8.max {
      let expected: DatagramKind =
        switch byte {
        case 0...3: .stun
        case 20...63: .dtls
        case 64...79: .turnChannel
        case 128...191: .rtp
        default: .unknown
        }
      let media: [UInt8] = [byte, 0x66]
      try expectEqual(DatagramKind(media.span), expected, "first byte \(byte)")
      let control: [UInt8] = [byte, 200]
      try expectEqual(
        DatagramKind(control.span),
        expected == .rtp ? .rtcp : expected,
        "first byte \(byte)"
      )
    }
    let empty: [UInt8] = []
    try expectEqual(DatagramKind(empty.span), .unknown, "nothing")
  }

  private static func survivesAttack() throws {
    for seed in UInt64(70)...72 {
      var scenario = CameraSimulation.Scenario(
        seed: seed,
        viewer: CameraSimulation.viewerIdentity
      )
      scenario.length = .seconds(8)
      var random = RandomSource.seeded(seed)
      let alert: [UInt8] = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40]
      let hello: [UInt8] =
        [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12] + [UInt8](repeating: 1, count: 12)
      var earlier: [[UInt8]] = []
      scenario.inject = { datagram in
        earlier.append(datagram)
        var damaged = datagram
        if !damaged.isEmpty {
          let index = Int.random(in: 0..<damaged.count, using: &random)
          damaged[index] ^= 0x55
        }
        let replayed = earlier.randomElement(using: &random) ?? []
        return [alert, hello, damaged, replayed, random.bytes(100)]
      }
      var simulation = try CameraSimulation(scenario)
      simulation.run()
      try expect(
        simulation.connectedAfter != nil,
        "seed \(seed): not connected, \(simulation.failures)"
      )
      try expectEqual(simulation.session.state, .connected, "seed \(seed): state")
      try expect(
        simulation.viewer.counts.frames >= simulation.sent - 2,
        "seed \(seed): \(simulation.viewer.counts.frames) of \(simulation.sent) frames"
      )
    }
  }
}
