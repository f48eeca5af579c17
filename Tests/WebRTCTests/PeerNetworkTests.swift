// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
@testable import WebRTC

extension RTCPeerConnection {
  fileprivate var port: UInt16 { network.port }
}

@Suite struct PeerNetworkTests {
  @Test func `a connection without a network gets a port when it needs one`() async throws {
    let loop = try EventLoop.start()
    let first = RTCPeerConnection(.init(), on: loop)
    let second = RTCPeerConnection(.init(), on: loop)
    try await first.addTransceiver(.video)
    try await second.addTransceiver(.video)
    let ports = [await first.port, await second.port]
    #expect(!ports.contains(0) && ports[0] != ports[1])
    let unused = RTCPeerConnection(.init(), on: loop)
    #expect(await unused.port == 0)
    await first.close()
    await second.close()
    loop.stop()
  }

  @Test func `connections of two loops show the one certificate of the process`() async throws {
    var fingerprints: Set<String> = []
    for _ in 0..<2 {
      let loop = try EventLoop.start()
      let connection = RTCPeerConnection(.init(), on: loop)
      try await connection.addTransceiver(.audio)
      let sdp = try await connection.createOffer().sdp
      for line in sdp.split(whereSeparator: \.isNewline) where line.hasPrefix("a=fingerprint:") {
        fingerprints.insert(String(line))
      }
      await connection.close()
      loop.stop()
    }
    #expect(fingerprints.count == 1)
  }

  @Test func `what is wrong with a server is told by the first call`() async throws {
    let loop = try EventLoop.start()
    let connection = RTCPeerConnection(.init(iceServers: [.init(urls: ["http://a"])]), on: loop)
    await #expect(throws: RTCError.self) { try await connection.addTransceiver(.video) }
    await connection.close()
    loop.stop()
  }
}
