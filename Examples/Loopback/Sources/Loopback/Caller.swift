// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// Makes the offer, and sends.
///
/// An actor of the loop: tracks, streams, senders and receivers are no actors, and belong to the loop's
/// thread.
actor Caller: EventLoopActor {
  nonisolated let loop: EventLoop
  let connection: RTCPeerConnection
  private var source: VideoSource?

  init(on loop: EventLoop) {
    self.loop = loop
    connection = RTCPeerConnection(.init(), on: loop)
  }

  /// Adds the track, and answers the offer with every candidate in it.
  func offer() async throws -> RTCSessionDescription {
    let size = PictureSize(width: 640, height: 360)
    let source = try VideoSource(
      .test,
      request: CameraRequest(size: size, frameRate: FrameRate(30)),
      encoder: VideoEncoderConfiguration(size: size, frameRate: FrameRate(30)),
      on: loop
    )
    self.source = source
    let track = MediaStreamTrack(source: source)
    try await connection.addTrack(track, MediaStream([track]))
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
    source?.close()
  }
}

enum CallError: Error {
  case noOffer, noAnswer, noTrack
}
