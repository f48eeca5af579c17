// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import Wire

/// A group of tracks that belong together (W3C mediacapture-main section 4.2).
///
/// For any thread.
public final class MediaStream: Sendable {
  /// A name for this stream that no other has.
  public let id: String
  private let tracks: Mutex<[MediaStreamTrack]>

  /// Creates a stream of `tracks`.
  public init(_ tracks: [MediaStreamTrack] = []) {
    var random = RandomSource.system
    id = random.text(16, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    self.tracks = Mutex(tracks)
  }

  /// Creates the peer's stream called `id`.
  init(id: String) {
    self.id = id
    tracks = Mutex([])
  }

  /// Whether a track of this stream may still deliver.
  public var active: Bool { getTracks().contains { $0.readyState == .live } }

  /// The tracks of this stream, in the order in which they were added.
  public func getTracks() -> [MediaStreamTrack] { tracks.withLock { $0 } }

  /// The tracks that carry sound.
  public func getAudioTracks() -> [MediaStreamTrack] {
    getTracks().filter { $0.kind == .audio }
  }

  /// The tracks that carry pictures.
  public func getVideoTracks() -> [MediaStreamTrack] {
    getTracks().filter { $0.kind == .video }
  }

  /// The track called `id`, if it is here.
  public func getTrackById(_ id: String) -> MediaStreamTrack? {
    getTracks().first { $0.id == id }
  }

  /// Another stream, of a clone of each track.
  public func clone() -> MediaStream { MediaStream(getTracks().map { $0.clone() }) }

  /// Adds `track`, unless it is here already.
  public func addTrack(_ track: MediaStreamTrack) {
    tracks.withLock { tracks in
      if !tracks.contains(where: { $0 === track }) { tracks.append(track) }
    }
  }

  /// Takes `track` out, if it is here.
  public func removeTrack(_ track: MediaStreamTrack) {
    tracks.withLock { tracks in tracks.removeAll { $0 === track } }
  }
}
