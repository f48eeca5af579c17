// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// Makes the offer, and sends.
///
/// An actor of the loop, so that nothing it calls there hops.
actor Caller: EventLoopActor {
  nonisolated let loop: EventLoop
  let connection: RTCPeerConnection
  private var stream: MediaStream?

  init(on loop: EventLoop) {
    self.loop = loop
    connection = RTCPeerConnection(.init(), on: loop)
  }

  /// Opens the test pattern as a camera, adds its track, and answers the offer with every candidate in it.
  func offer() async throws -> RTCSessionDescription {
    let stream = try await MediaDevices(on: loop).getUserMedia(
      .init(video: .init(width: .ideal(640), height: .ideal(360), deviceId: .exact("test")))
    )
    self.stream = stream
    for track in stream.getTracks() { try await connection.addTrack(track, stream) }
    try await connection.setLocalDescription(try await connection.createOffer())
    guard let offer = await connection.localDescription else { throw CallError.noOffer }
    return offer
  }

  /// Takes the answer: ICE, DTLS and then media begin.
  func take(_ answer: RTCSessionDescription) async throws {
    try await connection.setRemoteDescription(answer)
  }

  /// Prints what was sent, with the W3C's names.
  func printStatistics() async throws {
    let report = try await connection.getStats()
    for outbound in report.all(RTCOutboundRtpStreamStats.self) {
      print("sent \(outbound.framesSent ?? 0) pictures in \(outbound.packetsSent) packets")
    }
    for stats in report {
      for (name, value) in stats.members { print(stats.id, name, value) }
    }
  }

  func close() async {
    await connection.close()
    for track in stream?.getTracks() ?? [] { track.stop() }
  }
}

enum CallError: Error {
  case noOffer, noAnswer, noTrack
}
