// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// Takes the offer, answers, and receives.
actor Callee: EventLoopActor {
  nonisolated let loop: EventLoop
  let connection: RTCPeerConnection

  init(on loop: EventLoop) {
    self.loop = loop
    connection = RTCPeerConnection(.init(), on: loop)
  }

  /// Answers the caller; the pictures of the first track that comes.
  func answer(to caller: Caller) async throws -> AsyncStream<EncodedFrame> {
    try await connection.setRemoteDescription(try await caller.offer())
    try await connection.setLocalDescription(try await connection.createAnswer())
    guard let answer = await connection.localDescription else { throw CallError.noAnswer }
    try await caller.take(answer)
    for await event in connection.events {
      if case .track(let event) = event { return event.track.encodedFrames() }
    }
    throw CallError.noTrack
  }

  func close() async {
    await connection.close()
  }
}
