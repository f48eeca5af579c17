// SPDX-License-Identifier: Apache-2.0

/// A server that helps ICE (W3C webrtc-pc section 4.2.2).
public struct RTCIceServer: Hashable, Sendable {
  /// `stun:`, `stuns:`, `turn:` and `turns:` addresses of the same server (RFC 7064, RFC 7065).
  public var urls: [String]
  /// The user's name for TURN.
  public var username: String?
  /// The user's password for TURN.
  public var credential: String?

  /// Creates a server.
  public init(urls: [String], username: String? = nil, credential: String? = nil) {
    self.urls = urls
    self.username = username
    self.credential = credential
  }

  /// - Throws: `SyntaxError` for an address that is none, `InvalidAccessError` for TURN without a user.
  func validate() throws(RTCError) {
    guard !urls.isEmpty else { throw RTCError(.syntax, "An ICE server has no URL.") }
    for url in urls {
      let parts = url.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      let scheme = parts.first.map { String(decoding: Array($0), as: UTF8.self) } ?? ""
      guard parts.count == 2, ["stun", "stuns", "turn", "turns"].contains(scheme) else {
        throw RTCError(.syntax, "\(url) is not a stun:, stuns:, turn: or turns: address.")
      }
      let rest = parts[1]
      guard rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
        throw RTCError(.syntax, "\(url) has a character that no host name has.")
      }
      if scheme.utf8.first == UInt8(ascii: "t"), username == nil || credential == nil {
        throw RTCError(.invalidAccess, "\(url) needs a username and a credential.")
      }
    }
  }
}

/// How a connection is set up (W3C webrtc-pc section 4.2.1).
public struct RTCConfiguration: Hashable, Sendable {
  /// Servers that help ICE.
  public var iceServers: [RTCIceServer]
  /// Which candidates may be used.
  public var iceTransportPolicy: RTCIceTransportPolicy
  /// How many m-lines share a transport: here always all of them.
  public var bundlePolicy: RTCBundlePolicy
  /// Whether RTCP shares the port of RTP: here always.
  public var rtcpMuxPolicy: RTCRtcpMuxPolicy

  /// Creates a configuration; without servers, candidates are the addresses of this host.
  public init(
    iceServers: [RTCIceServer] = [],
    iceTransportPolicy: RTCIceTransportPolicy = .all,
    bundlePolicy: RTCBundlePolicy = .balanced,
    rtcpMuxPolicy: RTCRtcpMuxPolicy = .require
  ) {
    self.iceServers = iceServers
    self.iceTransportPolicy = iceTransportPolicy
    self.bundlePolicy = bundlePolicy
    self.rtcpMuxPolicy = rtcpMuxPolicy
  }
}

/// Which candidates may be used (W3C webrtc-pc section 4.2.3).
///
/// With `relay` no address of this machine is told to the peer or used. As long as TURN is not spoken here,
/// such a connection fails when ICE gives up, after about 40 s; `failureReason` says so.
public enum RTCIceTransportPolicy: String, Hashable, Sendable {
  /// Only those of a TURN server.
  case relay
  /// All.
  case all
}

/// How m-lines share transports (W3C webrtc-pc section 4.2.4).
public enum RTCBundlePolicy: String, Hashable, Sendable {
  /// One transport for each kind where the peer cannot bundle.
  case balanced
  /// One transport for each m-line where the peer cannot bundle.
  case maxCompat = "max-compat"
  /// One transport.
  case maxBundle = "max-bundle"
}

/// Whether RTCP shares the port of RTP (W3C webrtc-pc section 4.2.5).
public enum RTCRtcpMuxPolicy: String, Hashable, Sendable {
  /// It does.
  case require
}

/// What an offer is made with (W3C webrtc-pc section 4.2.7).
public struct RTCOfferOptions: Hashable, Sendable {
  /// Whether ICE begins anew.
  public var iceRestart: Bool

  /// Creates the options.
  public init(iceRestart: Bool = false) {
    self.iceRestart = iceRestart
  }
}

/// What a transceiver begins with (W3C webrtc-pc section 5.1, RTCRtpTransceiverInit).
public struct RTCRtpTransceiverInit: Sendable {
  /// Which way media is to flow.
  public var direction: RTCRtpTransceiverDirection
  /// The streams that the peer finds the track in.
  public var streams: [MediaStream]

  /// Creates the beginning of a transceiver.
  public init(direction: RTCRtpTransceiverDirection = .sendrecv, streams: [MediaStream] = []) {
    self.direction = direction
    self.streams = streams
  }
}
