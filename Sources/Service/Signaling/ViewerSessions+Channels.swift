// SPDX-License-Identifier: Apache-2.0
internal import SDP
internal import WebRTC

extension ViewerSessions {
  /// Serves a data channel that the peer of the session `id` has opened.
  func serve(_ channel: RTCDataChannel, of id: String) {
    guard let session = sessions[id] else { return }
    Task { [channels] in
      await channels.serve(channel, of: session.order, level: session.level)
    }
  }

  /// Whether an offer has m-lines of media; one that cannot be read has, so that it is refused for what
  /// is wrong with it.
  static func hasMedia(_ offer: String) -> Bool {
    guard let description = try? SessionDescription(parsing: offer) else { return true }
    return description.media.contains { $0.kind != .application }
  }

  /// Whether an offer speaks of nothing at all, which is legal, but takes a viewer's place for nothing.
  static func isEmpty(_ offer: String) -> Bool {
    (try? SessionDescription(parsing: offer))?.media.isEmpty == true
  }
}
