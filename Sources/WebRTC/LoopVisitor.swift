// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// Does on the loop what somebody on another thread asks for and waits for without blocking.
///
/// From the loop itself it costs no hop.
actor LoopVisitor: EventLoopActor {
  nonisolated let loop: EventLoop

  init(on loop: EventLoop) {
    self.loop = loop
  }

  /// Does `body`, and answers its result.
  func perform<Value: Sendable>(
    _ body: @Sendable () throws(RTCError) -> Value
  ) throws(RTCError) -> Value {
    try body()
  }

  /// Does what `MediaStreamTrack.applyConstraints` says.
  func apply(
    _ constraints: MediaTrackConstraints,
    to track: MediaStreamTrack
  ) async throws(RTCError) {
    guard track.readyState == .live else { return }
    if let device = track.device {
      try await device.apply(constraints, for: track)
    } else {
      _ = try SettingsSelection.best(of: [track.getSettings()], for: constraints, track.kind)
    }
    track.constraints = constraints
  }
}
