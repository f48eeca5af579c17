// SPDX-License-Identifier: Apache-2.0
internal import RTP
public import SDP
internal import Wire

/// What an m-line of RTP carries.
public enum MediaKind: String, Hashable, Sendable {
  /// Sound.
  case audio
  /// Pictures.
  case video
}

/// A track that the application wants to send.
public struct OutgoingTrack: Hashable, Sendable {
  /// The track's identifier, for `a=msid`.
  public var trackID: String
  /// The streams that the track belongs to, for `a=msid`.
  public var streamIDs: [String]
  /// What the encoder of a video writes into its SPS; `nil` for sound.
  public var profile: H264Profile?

  /// Creates a track from its parts.
  public init(trackID: String, streamIDs: [String], profile: H264Profile? = nil) {
    self.trackID = trackID
    self.streamIDs = streamIDs
    self.profile = profile
  }
}

/// A sender and a receiver that share one m-line (RFC 9429 section 4.2.1).
public struct Transceiver: Hashable, Sendable, Identifiable {
  /// Names the transceiver for the whole life of its session.
  public let id: Int
  /// What it carries.
  public let kind: MediaKind
  /// The m-line's identification; `nil` while there is none.
  public internal(set) var mid: String?
  /// What the application would like.
  public internal(set) var direction: MediaDirection
  /// What the last answer came to; `nil` before the first.
  public internal(set) var currentDirection: MediaDirection?
  /// What is to be sent, if anything.
  public internal(set) var outgoing: OutgoingTrack?
  /// The streams that the peer is to find the track in, also while there is no track.
  public internal(set) var streamIDs: [String] = []
  /// The peer's track, as the last description named it; the identifiers may be empty.
  public internal(set) var incoming = MediaDescription.StreamIdentifiers()
  /// Whether the peer's last description says that it sends.
  public internal(set) var isRemoteSending = false
  /// Whether the application has ended it; the next exchange tells the peer.
  public internal(set) var isStopping = false
  /// Whether it is over for good.
  public internal(set) var isStopped = false

  /// The place of the m-line.
  public internal(set) var line: Int?
  /// Whether an offered m-line may take this transceiver for its own: it came by `addTrack`.
  var isForAnyLine: Bool
  /// Whether an offer of the peer made it.
  var isOfPeer: Bool
  /// The streams that it sends, kept for its whole life.
  var ssrc: SSRC
  var retransmissionSSRC: SSRC

  /// Whether a description of ours may still speak of it.
  var isLive: Bool { !isStopping && !isStopped }
}

extension MediaDescription {
  /// The track that an m-line announces, and the streams it belongs to (RFC 8830).
  public struct StreamIdentifiers: Hashable, Sendable {
    /// The track; empty where it is not told.
    public var trackID = ""
    /// The streams, in order.
    public var streamIDs: [String] = []

    /// Creates the identifiers of no track.
    public init() {}
  }

  /// What the `a=msid` lines say; `-` stands for no stream.
  var streamIdentifiers: StreamIdentifiers {
    var result = StreamIdentifiers()
    for identifier in streams {
      if result.trackID.isEmpty { result.trackID = identifier.track ?? "" }
      if identifier.stream != "-", !result.streamIDs.contains(identifier.stream) {
        result.streamIDs.append(identifier.stream)
      }
    }
    return result
  }
}
