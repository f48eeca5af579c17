// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import SDP

/// Where a track's encoded media comes from; whoever sends the track registers here.
///
/// Lives on the loop's thread.
protocol EncodedSource: AnyObject, Sendable {
  /// Where it lives.
  var loop: EventLoop { get }
  /// A name for a person.
  var label: String { get }
  /// What a video's encoder writes into its SPS; `nil` for sound.
  var profile: H264Profile? { get }
  /// Sends to `sender` from now on.
  func add(_ sender: RTCRtpSender)
  /// Sends to `sender` no more.
  func remove(_ sender: RTCRtpSender)
  /// `sender`'s peer has just connected and has had no picture yet.
  func begin(_ sender: RTCRtpSender)
  /// A peer has lost a picture.
  func requestKeyframe()
  /// The bits per second that a sender may send have changed, or its codec, or whether it sends.
  func followLimits()
}
