// SPDX-License-Identifier: Apache-2.0
internal import SCTP

/// What a data channel is opened as (RFC 8832 section 5.1, W3C webrtc-pc section 6.2).
public struct DataChannelParameters: Hashable, Sendable {
  /// The channel's name, which need not be unique; at most 65,535 bytes.
  public var label: String
  /// The subprotocol, as of a WebSocket; at most 65,535 bytes.
  public var subprotocol: String
  /// Whether messages arrive in the order in which they were sent.
  public var isOrdered: Bool
  /// For how many milliseconds a message is tried; `nil` for any time.
  public var lifetime: UInt16?
  /// How often a message is sent again; `nil` for as often as needed.
  public var maximumRetransmissions: UInt16?
  /// The stream that both applications have agreed on by themselves; `nil` where the peer is told.
  public var negotiatedStream: UInt16?

  /// Creates the parameters of a channel, reliable and ordered unless it is said otherwise.
  public init(
    label: String,
    subprotocol: String = "",
    isOrdered: Bool = true,
    lifetime: UInt16? = nil,
    maximumRetransmissions: UInt16? = nil,
    negotiatedStream: UInt16? = nil
  ) {
    self.label = label
    self.subprotocol = subprotocol
    self.isOrdered = isOrdered
    self.lifetime = lifetime
    self.maximumRetransmissions = maximumRetransmissions
    self.negotiatedStream = negotiatedStream
  }

  /// What the peer has opened; limits past what the W3C can say are as good as that.
  init(_ open: DCEPOpen) {
    self.init(label: open.label, subprotocol: open.subprotocol, isOrdered: open.isOrdered)
    switch open.reliability {
    case .reliable: break
    case .retransmissions(let count): maximumRetransmissions = UInt16(clamping: count)
    case .lifetime(let milliseconds): lifetime = UInt16(clamping: milliseconds)
    }
  }

  /// What the peer is told; `nil` where a text is too long.
  var open: [UInt8]? {
    var reliability = DCEPOpen.Reliability.reliable
    if let lifetime {
      reliability = .lifetime(UInt32(lifetime))
    } else if let maximumRetransmissions {
      reliability = .retransmissions(UInt32(maximumRetransmissions))
    }
    return DCEPMessage.open(
      DCEPOpen(
        label: label,
        subprotocol: subprotocol,
        isOrdered: isOrdered,
        reliability: reliability
      )
    ).bytes
  }
}

/// How far a data channel is (W3C webrtc-pc section 6.2, RTCDataChannelState).
public enum DataChannelState: String, Hashable, Sendable {
  /// Waits for the transport.
  case connecting
  /// Messages flow.
  case open
  /// One side has closed it; what it had sent before still arrives.
  case closing
  /// Over for good.
  case closed
}

/// One data channel of a session.
public struct DataChannel: Hashable, Sendable, Identifiable {
  /// What a channel has carried.
  public struct Statistics: Hashable, Sendable {
    /// Messages given to `send`.
    public var messagesSent: UInt64 = 0
    /// Bytes of those.
    public var bytesSent: UInt64 = 0
    /// Messages that have come.
    public var messagesReceived: UInt64 = 0
    /// Bytes of those.
    public var bytesReceived: UInt64 = 0

    /// Creates counters at zero.
    public init() {}
  }

  /// Names the channel for the whole life of its session.
  public let id: Int
  /// What it was opened as.
  public let parameters: DataChannelParameters
  /// The stream of SCTP that carries it; `nil` until the DTLS roles are known.
  public internal(set) var stream: UInt16?
  /// How far it is.
  public internal(set) var state = DataChannelState.connecting
  /// What it has carried.
  public internal(set) var statistics = Statistics()

  /// Whether the peer must first say that it knows the channel; until then messages keep their order
  /// (RFC 8832 section 6).
  var awaitsAcknowledgement = false
  /// Whether our direction of the stream is closed.
  var isOutgoingReset = false
  /// Whether the peer's is.
  var isIncomingReset = false
  /// Whether the application has not been told of the fall of what is buffered.
  var awaitsLowBuffer = false
  /// Whether the application does not know the channel: the peer was not allowed to open it.
  var isRefused = false

  /// How its messages are sent.
  var options: SCTPSendOptions {
    var options = SCTPSendOptions()
    options.isOrdered = parameters.isOrdered || awaitsAcknowledgement
    options.lifetime = parameters.lifetime.map { .milliseconds(Int64($0)) }
    options.maximumRetransmissions = parameters.maximumRetransmissions
    return options
  }
}

/// What travels over a data channel.
public struct DataChannelMessage: Hashable, Sendable {
  /// Whether the bytes are text in UTF-8.
  public var isText: Bool
  /// The content.
  public var bytes: [UInt8]

  /// Creates a message.
  public init(isText: Bool, bytes: [UInt8]) {
    self.isText = isText
    self.bytes = bytes
  }
}

/// Why a data channel ended that neither application has closed.
public enum DataChannelFailure: Hashable, Sendable, CustomStringConvertible {
  /// The transport has ended; the reason is for a person.
  case transportEnded(String)
  /// The peer has fewer streams than the channel needs.
  case noStream
  /// The peer did not let the stream be closed in order.
  case resetRefused

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .transportEnded(let reason): reason
    case .noStream: "The peer has no stream for the channel."
    case .resetRefused: "The peer did not close its side of the channel."
    }
  }
}

/// What has become of a data channel.
public enum DataChannelEvent: Sendable {
  /// The peer has opened it: look at its parameters. It is open.
  case offered
  /// Messages flow from now on.
  case opened
  /// A message has come.
  case received(DataChannelMessage)
  /// What is buffered has fallen to the threshold.
  case bufferedAmountLow
  /// The peer is closing it.
  case closing
  /// It is over.
  case closed(DataChannelFailure?)
}

/// What became of a message that was to be sent.
public enum DataChannelSendOutcome: Hashable, Sendable {
  /// It is on its way.
  case queued
  /// There is no room now; nothing was sent.
  case bufferFull
  /// The peer, or we, take no message of this length.
  case tooLong
  /// The channel is not open.
  case notOpen
}

/// The transport that all data channels of a session share.
public struct DataTransport: Hashable, Sendable {
  /// How far it is (W3C webrtc-pc section 6.1, RTCSctpTransportState).
  public enum State: String, Hashable, Sendable {
    /// Not connected yet.
    case connecting
    /// Channels flow.
    case connected
    /// Over for good.
    case closed
  }

  /// How far it is.
  public var state: State
  /// The longest message that can be sent, in bytes.
  public var maximumMessage: Int
  /// How many channels there can be; `nil` before it is connected.
  public var maximumChannels: Int?
}
