// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import MediaTypes
internal import Wire

/// The sending of one track over one connection (W3C webrtc-pc section 5.2).
///
/// Lives on the loop's thread.
public final class RTCRtpSender: @unchecked Sendable {
  /// What is sent.
  public let track: MediaStreamTrack
  let streamID: String
  private(set) var mid: String?
  private weak var transport: PeerTransport?

  init(track: MediaStreamTrack, streamID: String) {
    self.track = track
    self.streamID = streamID
  }

  /// Sends on the m-line `mid` from now on; on none where it is `nil`.
  func bind(to transport: PeerTransport, mid: String?) {
    self.transport = transport
    self.mid = mid
  }

  func send(_ frame: EncodedFrame, wallClock: WallClock, at now: Timestamp) {
    guard let mid else { return }
    transport?.send(frame, on: mid, wallClock: wallClock, at: now)
  }

  /// Sends what all connections of this network have waiting.
  func flush() {
    transport?.flush()
  }
}
