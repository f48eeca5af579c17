// SPDX-License-Identifier: Apache-2.0
private import ICE
private import PeerSession
private import Wire

extension Check {
  /// Whole sessions: what comes from elsewhere, at the wrong time, or authentic and malformed.
  static let museumSession: [Check] = [
    Check(
      "a ClientHello without encryption comes from another address during the handshake",
      after: "CVE-2023-49786, CVE-2023-51443, CVE-2023-51275"
    ) {
      for setup in ["actpass", "active"] {
        var scenario = SessionStand.scenario(seed: 900)
        scenario.viewer.setup = setup
        scenario.length = .seconds(2)
        scenario.attacker = SocketAddress(.v4(0x0A00_0063), port: 6_000)
        let body: [UInt8] =
          [0xFE, 0xFD] + [UInt8](repeating: 1, count: 34) + [0, 2, 0, 0, 1, 0]
        let hello = DTLSStand.message(type: 1, length: body.count, offset: 0, body)
        scenario.inject = { _ in [hello, hello, hello] }
        var simulation = try CameraSimulation(scenario)
        simulation.run()
        try SessionStand.expectAlive(&simulation)
        try expect(simulation.session.statistics.droppedUnvalidated > 5, "\(setup): not counted")
      }
    },
    Check(
      "media comes from another address: nothing is sent there",
      after: "CVE-2025-53399"
    ) {
      var scenario = SessionStand.scenario(seed: 901)
      scenario.attacker = SocketAddress(.v4(0x0A00_0063), port: 7_000)
      // What the viewer sent, word for word, and media that nobody asked for; checks left out, as who
      // passes on those, and their answers, is a relay like any other.
      scenario.inject = { datagram in
        let media = [0x80, 0x66] + [UInt8](repeating: 1, count: 60)
        return (datagram.first ?? 0) > 3 ? [datagram, media] : [media]
      }
      var simulation = try CameraSimulation(scenario)
      simulation.run()
      try SessionStand.expectAlive(&simulation)
      try expectEqual(
        simulation.session.path?.destination,
        CameraSimulation.viewerAddress,
        "where media goes"
      )
      try expect(simulation.session.statistics.droppedUnvalidated > 10, "not counted")
    },
    Check(
      "an authentic viewer sends malformed RTCP of every kind",
      after: "bluenviron/mediamtx #5926"
    ) {
      var simulation = try SessionStand.connected(seed: 902)
      let bodies: [[UInt8]] = [
        [], [0, 0, 0, 7], [0, 0, 0, 7, 0, 0, 0, 1], [UInt8](repeating: 0xFF, count: 60),
        [0, 0, 0, 7, 0, 0, 0, 1, 0x52, 0x45, 0x4D, 0x42, 255, 255, 255, 255],
      ]
      var count: UInt64 = 0
      let before = simulation.session.statistics
      for type in 192...223 as ClosedRange<UInt8> {
        for first: UInt8 in [0x80, 0x81, 0x9F, 0xA0, 0xBF] {
          for body in bodies {
            for words in [UInt16(body.count / 4), 0xFFFF] {
              var packet: [UInt8] = [first, type]
              packet.append(bigEndian: words)
              // SRTCP needs the sender of the first packet.
              simulation.sendFromViewer(control: [0x80, 201, 0, 1, 0, 0, 0, 9] + packet + body)
              count += 1
            }
          }
        }
      }
      simulation.extend(by: .seconds(2))
      simulation.run()
      let after = simulation.session.statistics
      try expect(after.datagramsReceived - before.datagramsReceived >= count, "not all came")
      try expectEqual(after.droppedUnauthenticated, 0, "not authentic")
      try SessionStand.expectAlive(&simulation)
    },
    Check(
      "packets that fail authentication come from the viewer's own address",
      after: "sepfy/libpeer #274, OvenMediaLabs/OvenMediaEngine #2107"
    ) {
      var simulation = try SessionStand.connected(seed: 903)
      let requests = simulation.keyframeRequests
      let before = simulation.session.statistics
      // A PLI in the clear, with an index and a tag of zeros; then media, and a bad check.
      let loss: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1]
      let check: [UInt8] = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 3, count: 12)
      for _ in 0..<100 {
        simulation.inject(loss + [0x80, 0, 0, 1] + [UInt8](repeating: 0, count: 10))
        simulation.inject(loss)
        simulation.inject([0x80, 0x66] + [UInt8](repeating: 0, count: 40))
        simulation.inject(check)
      }
      let after = simulation.session.statistics
      try expectEqual(
        after.droppedUnauthenticated - before.droppedUnauthenticated,
        200,
        "not authentic"
      )
      try expectEqual(after.droppedUnexpected - before.droppedUnexpected, 100, "unexpected")
      try expectEqual(simulation.session.iceStatistics.badUsername, 100, "bad user name")
      try expectEqual(simulation.keyframeRequests, requests, "keyframes asked for")
      try SessionStand.expectAlive(&simulation)
    },
    Check(
      "what a relay would send comes without data, and so does nothing at all",
      after: "GHSA-mwf8-6m4x-pgmm, GHSA-28gm-jrmw-xx93"
    ) {
      var simulation = try SessionStand.connected(seed: 904)
      let before = simulation.session.statistics.droppedUnknown
      let datagrams: [[UInt8]] = [
        [], [0x40], [0x40, 0, 0, 0], [0x4F, 0xFF, 0xFF, 0xFF], [0x80], [0x10], [0x7F], [0xC0],
        [0xFF],
      ]
      for datagram in datagrams { simulation.inject(datagram) }
      let dropped = simulation.session.statistics.droppedUnknown - before
      try expectEqual(dropped, UInt64(datagrams.count), "dropped")
      try SessionStand.expectAlive(&simulation)
    },
    Check(
      "datagrams longer than any path carries are dropped before anybody looks at them",
      after: "meetecho/janus-gateway #3636, meetecho/janus-gateway #3637"
    ) {
      var simulation = try SessionStand.connected(seed: 905)
      let before = simulation.session.statistics.droppedUnknown
      for first: UInt8 in [0, 22, 0x40, 0x80] {
        for count in [1_501, 2_049, 65_507] {
          simulation.inject([first] + [UInt8](repeating: 200, count: count - 1))
        }
      }
      let dropped = simulation.session.statistics.droppedUnknown - before
      try expectEqual(dropped, 12, "dropped")
      try SessionStand.expectAlive(&simulation)
    },
    Check(
      "records that must wait for the handshake are more than it holds",
      after: "CVE-2022-29189"
    ) {
      var scenario = SessionStand.scenario(seed: 906)
      var left = 20
      let record =
        [23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 0, 5, 0x6B] + [UInt8](repeating: 9, count: 1_387)
      scenario.inject = { _ in
        left -= 1
        return left < 0 ? [] : [[UInt8]](repeating: record, count: 100)
      }
      var simulation = try CameraSimulation(scenario)
      simulation.run()
      try expect(simulation.session.statistics.droppedOverflow > 0, "nothing was over the bound")
      try SessionStand.expectAlive(&simulation)
    },
  ]
}

/// Sessions between a camera and a viewer on a clear line.
private enum SessionStand {
  static func scenario(seed: UInt64) -> CameraSimulation.Scenario {
    var scenario = CameraSimulation.Scenario(seed: seed, viewer: CameraSimulation.viewerIdentity)
    scenario.length = .seconds(8)
    return scenario
  }

  static func connected(seed: UInt64) throws -> CameraSimulation {
    var scenario = scenario(seed: seed)
    scenario.length = .seconds(2)
    var simulation = try CameraSimulation(scenario)
    simulation.run()
    try expectEqual(simulation.session.state, .connected, "state before")
    return simulation
  }

  /// Throws unless the session is connected and pictures still arrive.
  static func expectAlive(_ simulation: inout CameraSimulation) throws {
    let before = simulation.viewer.counts.frames
    simulation.extend(by: .seconds(2))
    simulation.run()
    try expectEqual(simulation.failures, [], "failures")
    try expectEqual(simulation.session.state, .connected, "state")
    let shown = simulation.viewer.counts.frames - before
    try expect(shown > 50, "only \(shown) frames in 2 s")
  }
}
