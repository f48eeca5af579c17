// SPDX-License-Identifier: Apache-2.0

/// What a track that is sent comes from (W3C webrtc-stats sections 8.5 to 8.7, RTCAudioSourceStats and
/// RTCVideoSourceStats).
public struct RTCMediaSourceStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `media-source`.
  public var type: RTCStatsType { .mediaSource }
  /// The track's `id`.
  public internal(set) var trackIdentifier: String
  /// What it carries: `audio` or `video`.
  public internal(set) var kind: String
  /// Samples in a line of the last picture.
  public internal(set) var width: Int64?
  /// Lines in the last picture.
  public internal(set) var height: Int64?
  /// Pictures that the camera has delivered.
  public internal(set) var frames: UInt64?
  /// By how many dB the echo in a microphone is below what the loudspeaker plays.
  public internal(set) var echoReturnLoss: Double?
  /// By how many dB the canceller lowers the echo further.
  public internal(set) var echoReturnLossEnhancement: Double?
}
