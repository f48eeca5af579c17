// SPDX-License-Identifier: Apache-2.0
internal import WebRTC

/// What peers show to one another: at most so many pictures, and as many sounds, at a time.
struct SharedTracks {
  /// Of each kind, of all peers together.
  static let maximum = 8
  /// Of each kind, of one peer.
  static let maximumPerPeer = 2

  /// What a track belongs to, for its label; or that it is for the board's loudspeaker, and for nobody else.
  enum Content: String, Hashable, Sendable {
    case camera
    case screen
    case talk
  }

  struct Entry {
    /// The session that sends it.
    let owner: String
    /// Where it is received.
    let transceiver: RTCRtpTransceiver
    let content: Content

    var track: MediaStreamTrack { transceiver.receiver.track }
  }

  private(set) var entries: [Entry] = []

  /// Those of one session.
  func of(_ owner: String) -> [Entry] { entries.filter { $0.owner == owner } }

  /// Those that one session is to see.
  func seen(by viewer: String) -> [Entry] { entries.filter { $0.owner != viewer } }

  /// Who sends `track`.
  func entry(_ track: MediaStreamTrack?) -> Entry? {
    guard let track else { return nil }
    return entries.first { $0.track === track }
  }

  /// Adds one; or says why there is no room for it.
  mutating func add(_ entry: Entry) -> String? {
    let alike = entries.filter { $0.track.kind == entry.track.kind }
    let name = entry.track.kind == .video ? "cameras and screens" : "sounds"
    guard alike.count < Self.maximum else {
      return "\(Self.maximum) \(name) are shared already; one must end before the next."
    }
    guard alike.count(where: { $0.owner == entry.owner }) < Self.maximumPerPeer else {
      return "You share \(Self.maximumPerPeer) \(name) already; end one of them first."
    }
    entries.append(entry)
    return nil
  }

  mutating func remove(_ isOver: (Entry) -> Bool) { entries.removeAll(where: isOver) }
}
