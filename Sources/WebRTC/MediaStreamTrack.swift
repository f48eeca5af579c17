// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// One source of media as a connection sends it (W3C mediacapture-main section 4.3).
public final class MediaStreamTrack: Sendable {
  /// What a track carries.
  public enum Kind: String, Sendable {
    /// Sound.
    case audio
    /// Pictures.
    case video
  }

  /// A name for this track that no other has.
  public let id: String
  /// What it carries.
  public let kind = Kind.video
  /// A name for a person, such as the camera's.
  public let label: String
  let source: VideoSource

  /// Creates a track that carries what `source` delivers.
  public init(source: VideoSource) {
    var random = RandomSource.system
    id = random.text(16, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    self.source = source
    label = source.label
  }
}

/// A group of tracks that belong together (W3C mediacapture-main section 4.2).
public struct MediaStream: Sendable {
  /// A name for this stream that no other has.
  public let id: String
  /// Its tracks.
  public let tracks: [MediaStreamTrack]

  /// Creates a stream of `tracks`.
  public init(_ tracks: [MediaStreamTrack]) {
    var random = RandomSource.system
    id = random.text(16, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    self.tracks = tracks
  }

  /// The tracks of this stream, in the order in which they were added.
  public func getTracks() -> [MediaStreamTrack] { tracks }
}
