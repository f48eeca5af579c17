// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// What two negotiators say to each other.
enum Message: Sendable {
  case description(RTCSessionDescription)
  case candidate(RTCIceCandidate?)
}

/// Perfect negotiation: either side may change something at any time, and both end up the same.
actor Negotiator: EventLoopActor {
  nonisolated let loop: EventLoop
  let connection: RTCPeerConnection
  private let isPolite: Bool
  private var isMakingOffer = false
  private var ignoresOffer = false
  private var other: Negotiator?

  init(isPolite: Bool, on loop: EventLoop) {
    self.loop = loop
    self.isPolite = isPolite
    connection = RTCPeerConnection(.init(), on: loop)
  }

  /// Talks to `other` until the connection is closed; true once it was connected.
  func talk(to other: Negotiator) async throws -> Bool {
    self.other = other
    for await event in connection.events {
      switch event {
      case .negotiationNeeded:
        isMakingOffer = true
        defer { isMakingOffer = false }
        try await connection.setLocalDescription()
        try await sendDescription()
      case .iceCandidate(let candidate):
        try await other.receive(.candidate(candidate))
      case .connectionStateChange(.connected):
        return true
      default:
        continue
      }
    }
    return false
  }

  func receive(_ message: Message) async throws {
    switch message {
    case .description(let description):
      let state = await connection.signalingState
      let isCollision = description.type == .offer && (isMakingOffer || state != .stable)
      ignoresOffer = !isPolite && isCollision
      guard !ignoresOffer else { return }
      try await connection.setRemoteDescription(description)
      guard description.type == .offer else { return }
      try await connection.setLocalDescription()
      try await sendDescription()
    case .candidate(let candidate):
      do {
        try await connection.addIceCandidate(candidate)
      } catch {
        // Candidates of an offer that was ignored belong to nothing.
        if !ignoresOffer { throw error }
      }
    }
  }

  private func sendDescription() async throws {
    guard let description = await connection.localDescription else { return }
    try await other?.receive(.description(description))
  }
}
