// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// One end of a talk over a data channel.
actor Talker: EventLoopActor {
  nonisolated let loop: EventLoop
  let connection: RTCPeerConnection

  init(on loop: EventLoop) {
    self.loop = loop
    connection = RTCPeerConnection(.init(), on: loop)
  }

  /// Opens a channel, and asks on it; the first answer.
  func ask(_ question: String, of other: Talker) async throws -> String? {
    let channel = try await connection.createDataChannel("talk")
    try await connection.setLocalDescription()
    guard let offer = await connection.localDescription else { throw CallError.noOffer }
    let answer = try await other.answer(offer)
    try await connection.setRemoteDescription(answer)
    for await event in channel.events {
      switch event {
      case .open: try await channel.send(question)
      case .message(.text(let text)): return text
      default: continue
      }
    }
    return nil
  }

  func answer(_ offer: RTCSessionDescription) async throws -> RTCSessionDescription {
    try await connection.setRemoteDescription(offer)
    try await connection.setLocalDescription()
    guard let answer = await connection.localDescription else { throw CallError.noAnswer }
    return answer
  }

  /// Sends back whatever comes on the first channel that the other end opens.
  func echo() async throws {
    for await event in connection.events {
      guard case .dataChannel(let event) = event else { continue }
      for await told in event.channel.events {
        guard case .message(let message) = told else { continue }
        await event.channel.drain(to: 65_536)
        try await event.channel.send(message)
      }
      return
    }
  }

  func close() async {
    await connection.close()
  }
}
