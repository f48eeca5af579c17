// SPDX-License-Identifier: Apache-2.0
import Signaling
import WebRTC

/// Watches the camera of a Porthole, such as `ws://192.0.2.7:8080/ws?token=…`, for so many pictures.
func watch(_ address: String, pictures: Int, on loop: EventLoop) async throws {
  let channel = try await SignalingChannel.connect(to: address, on: loop)
  let connection = RTCPeerConnection(.init(), on: loop)
  let transceiver = try await connection.addTransceiver(.video, .init(direction: .recvonly))
  let offer = try await connection.createOffer()
  try await connection.setLocalDescription(offer)
  await channel.send(offer)
  let sending = Task {
    for await event in connection.events {
      if case .iceCandidate(let candidate) = event { await channel.send(candidate) }
    }
  }
  let counting = Task {
    var count = 0
    for await _ in transceiver.receiver.track.encodedFrames() {
      count += 1
      if count == pictures { break }
    }
    await channel.close()
    return count
  }
  for await message in channel.messages {
    switch message {
    case .description(let answer): try await connection.setRemoteDescription(answer)
    case .candidate(let candidate): try await connection.addIceCandidate(candidate)
    case .error(let reason): print("the other side says: \(reason)")
    case .closed(_, let reason): print("the line is closed: \(reason)")
    case .call, .other: continue
    }
  }
  await connection.close()
  await sending.value
  print("\(await counting.value) pictures watched")
}
