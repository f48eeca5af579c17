// SPDX-License-Identifier: Apache-2.0
internal import RTP

/// One m-line in force, with its streams.
struct MediaLine: Sendable {
  var agreed: AgreedMedia
  var videoSender: VideoSender?
}
