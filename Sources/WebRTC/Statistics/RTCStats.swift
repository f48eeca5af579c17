// SPDX-License-Identifier: Apache-2.0

/// One object of a statistics report (W3C webrtc-pc section 8.6, RTCStats; webrtc-stats section 6).
///
/// The types that conform have the W3C's names, members and units: times are seconds, but for `timestamp`
/// and its like, which are milliseconds since 1970; sizes are bytes. A member is `nil` where it does not
/// apply or is not known, and then JSON leaves it out.
public protocol RTCStats: Hashable, Sendable {
  /// A name for the object that stays while the connection lives.
  var id: String { get }
  /// When the numbers were taken, in milliseconds since 1970.
  var timestamp: Double { get }
  /// What the object describes.
  var type: RTCStatsType { get }
}

/// What an object of a report describes (W3C webrtc-stats section 6.1).
public enum RTCStatsType: String, Hashable, Sendable, CaseIterable {
  /// A codec that is in use.
  case codec
  /// What is received as RTP.
  case inboundRtp = "inbound-rtp"
  /// What is sent as RTP.
  case outboundRtp = "outbound-rtp"
  /// What the peer reports of that which is sent.
  case remoteInboundRtp = "remote-inbound-rtp"
  /// What the peer reports of that which it sends.
  case remoteOutboundRtp = "remote-outbound-rtp"
  /// What a track that is sent comes from.
  case mediaSource = "media-source"
  /// The connection.
  case peerConnection = "peer-connection"
  /// ICE and DTLS.
  case transport
  /// A pair of candidates.
  case candidatePair = "candidate-pair"
  /// A candidate of ours.
  case localCandidate = "local-candidate"
  /// A candidate of the peer.
  case remoteCandidate = "remote-candidate"
  /// A certificate.
  case certificate
  /// A data channel.
  case dataChannel = "data-channel"
}

/// The value of one member, as JSON can say it.
public enum RTCStatsValue: Hashable, Sendable {
  /// A text or the string of an enumeration.
  case string(String)
  /// A count.
  case integer(Int64)
  /// Any other number.
  case number(Double)
  /// A truth value.
  case boolean(Bool)

  /// What `member` says; `nil` where it is not known.
  fileprivate init?(_ member: Any) {
    switch member {
    case let text as String: self = .string(text)
    case let count as UInt64: self = .integer(Int64(clamping: count))
    case let count as Int64: self = .integer(count)
    case let number as Double: self = .number(number)
    case let isTrue as Bool: self = .boolean(isTrue)
    case let word as any RTCStatsWord: self = .string(word.rawValue)
    default: return nil
    }
  }
}

/// An enumeration whose raw values are the W3C's strings.
protocol RTCStatsWord {
  var rawValue: String { get }
}

extension RTCStatsType: RTCStatsWord {}

extension RTCStats {
  /// Every member that is known, by its W3C name, in the order of the declaration: ready for JSON.
  ///
  /// The names are those of the Swift members, so that there is no second list of them.
  public var members: [(name: String, value: RTCStatsValue)] {
    var result: [(name: String, value: RTCStatsValue)] = [
      ("id", .string(id)), ("timestamp", .number(timestamp)), ("type", .string(type.rawValue)),
    ]
    for child in Mirror(reflecting: self).children {
      guard let name = child.label, !["id", "timestamp", "type"].contains(name),
        let value = RTCStatsValue(child.value)
      else { continue }
      result.append((name, value))
    }
    return result
  }
}
