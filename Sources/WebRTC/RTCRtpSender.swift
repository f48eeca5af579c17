// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import MediaTypes
internal import PeerSession
internal import RTP
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

  /// Frames that were given to `send` and have since left, or were dropped.
  var settledFrames: UInt64 {
    let video = transport?.session.videoStatistics.first { $0.mid == mid }?.1
    return video.map { $0.framesSent &+ $0.framesDropped } ?? 0
  }

  /// Sends what all connections of this network have waiting.
  func flush() {
    transport?.flush()
  }

  /// How the stream's RTP timestamps lie against this machine's time of day.
  public struct Clock: Hashable, Sendable {
    /// The RTP timestamp of a frame, at 90,000 a second.
    public var rtpTimestamp: UInt32
    /// When that frame was captured, in milliseconds since 1970.
    public var captureTime: Double
  }

  /// The clock of the newest frame that was sent; `nil` before the first.
  public var clock: Clock? {
    guard let mid, let transport, let clock = transport.session.mediaClock(of: mid) else {
      return nil
    }
    return Clock(
      rtpTimestamp: clock.rtpTimestamp,
      captureTime: Double(clock.captured.unixNanoseconds) / 1e6
    )
  }
}
