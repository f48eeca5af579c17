// SPDX-License-Identifier: Apache-2.0

/// A candidate of ours or of the peer (W3C webrtc-stats section 8.12).
public struct RTCIceCandidateStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Whose it is: `local-candidate` or `remote-candidate`.
  public internal(set) var type: RTCStatsType
  /// The transport.
  public internal(set) var transportId: String
  /// The address, or the name that stands for it.
  public internal(set) var address: String?
  /// The port.
  public internal(set) var port: Int64
  /// How datagrams travel: `udp` or `tcp`.
  public internal(set) var `protocol`: String
  /// How it was found.
  public internal(set) var candidateType: RTCIceCandidateType
  /// Larger is preferred.
  public internal(set) var priority: Int64
  /// Equal for candidates of the same kind, base and server.
  public internal(set) var foundation: String?
  /// The address that it was found from.
  public internal(set) var relatedAddress: String?
  /// The port that it was found from.
  public internal(set) var relatedPort: Int64?
  /// The ICE username fragment that it belongs to.
  public internal(set) var usernameFragment: String?
}
