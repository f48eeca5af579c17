// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One address that an agent may be reached at (RFC 8445 section 5.1).
public struct ICECandidate: Hashable, Sendable {
  /// Equal for candidates of the same kind, base and server; 1…32 characters.
  public var foundation: String
  /// 1 for RTP and for all that is multiplexed with it.
  public var component: Int
  /// How datagrams travel.
  public var transport: ICETransport
  /// Larger is preferred; 1…2³¹-1.
  public var priority: UInt32
  /// The address, or a name that stands for it.
  public var address: ICECandidateAddress
  /// The port.
  public var port: UInt16
  /// How the address was found.
  public var kind: ICECandidateKind
  /// For all kinds but host: the address that this one was found from.
  public var relatedAddress: SocketAddress?
  /// For TCP: `active`, `passive` or `so` (RFC 6544).
  public var tcpType: String?
  /// The fragment of the generation that the candidate belongs to, where it says so (RFC 8838).
  public var usernameFragment: String?

  /// Creates a candidate from its parts.
  public init(
    foundation: String,
    component: Int = 1,
    transport: ICETransport = .udp,
    priority: UInt32,
    address: ICECandidateAddress,
    port: UInt16,
    kind: ICECandidateKind,
    relatedAddress: SocketAddress? = nil,
    tcpType: String? = nil,
    usernameFragment: String? = nil
  ) {
    self.foundation = foundation
    self.component = component
    self.transport = transport
    self.priority = priority
    self.address = address
    self.port = port
    self.kind = kind
    self.relatedAddress = relatedAddress
    self.tcpType = tcpType
    self.usernameFragment = usernameFragment
  }

  /// The address and port, unless a name stands for the address.
  public var socketAddress: SocketAddress? {
    guard case .ip(let ip) = address else { return nil }
    return SocketAddress(ip, port: port)
  }

  /// The recommended priority (RFC 8445 section 5.1.2.1) of a candidate of component 1.
  ///
  /// `localPreference` orders an agent's addresses among themselves.
  public static func priority(_ kind: ICECandidateKind, localPreference: UInt16) -> UInt32 {
    kind.typePreference << 24 | UInt32(localPreference) << 8 | 255
  }
}

/// How a candidate's address was found.
public enum ICECandidateKind: String, Hashable, Sendable {
  /// An address of an interface of the host.
  case host
  /// The address that a STUN server saw.
  case serverReflexive = "srflx"
  /// The address that the peer saw during a check.
  case peerReflexive = "prflx"
  /// An address of a TURN server.
  case relayed = "relay"

  /// How much this kind is preferred, 0…126 (RFC 8445 section 5.1.2.2).
  var typePreference: UInt32 {
    switch self {
    case .host: 126
    case .peerReflexive: 110
    case .serverReflexive: 100
    case .relayed: 0
    }
  }
}

/// How datagrams travel to a candidate.
public enum ICETransport: String, Hashable, Sendable {
  /// UDP.
  case udp
  /// TCP (RFC 6544): understood, not used.
  case tcp
}

/// A candidate's address, or a name that stands for it.
public enum ICECandidateAddress: Hashable, Sendable, CustomStringConvertible {
  /// An address.
  case ip(IPAddress)
  /// A name, in practice an mDNS one such as `….local` that hides a browser's address.
  case name(String)

  /// The address without its zone, or the name: as an `a=candidate` line says it.
  public var description: String {
    switch self {
    case .ip(.v6(let high, let low, _)): IPAddress.v6(high: high, low: low, scope: 0).description
    case .ip(let ip): ip.description
    case .name(let name): name
    }
  }
}
