// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One SCTP association over DTLS (RFC 9260, RFC 8261), with what data channels need (RFC 8831).
///
/// After any call, fetch events until ``nextEvent()`` answers `nil`, then packets until
/// ``nextTransmit(into:)`` answers `false`. Packets come from DTLS and go into DTLS, so that the one
/// who sends them is the peer: nothing that it sends ends the program, takes long or makes memory
/// grow beyond the limits of the configuration.
///
/// Spoken besides RFC 9260: partial reliability (RFC 3758, RFC 7496), reset of streams (RFC 6525),
/// interleaving of messages with I-DATA (RFC 8260), packets without checksum (RFC 9653).
///
/// Not done, and why:
/// - several addresses, ASCONF, AUTH: over DTLS there is one path, and DTLS authenticates
///   (RFC 8261 section 6);
/// - ECN: nobody sees the bits of IP below DTLS;
/// - path MTU discovery, which RFC 8261 section 5 demands: packets are never longer than
///   ``SCTPConfiguration/maximumPacket``, which all known paths carry;
/// - priorities of streams: they take turns;
/// - data in the packet of a COOKIE ECHO: it would save a round trip once;
/// - reset of TSNs and addition of streams (RFC 6525): refused; 1,024 streams are offered.
public struct SCTPAssociation: Sendable {
  /// Where the association stands (RFC 9260 section 4).
  enum Phase: Hashable, Sendable {
    case closed
    case cookieWait(InitiationChunk)
    /// With the packet that is repeated, and how often the handshake began anew for a stale cookie.
    case cookieEchoed(InitiationChunk, packet: [UInt8])
    case established
    case shutdownPending
    case shutdownSent
    case shutdownReceived
    case shutdownAcknowledged
    case ended
  }

  /// The limits and times in force.
  public let configuration: SCTPConfiguration

  var counts = SCTPStatistics()
  var random: RandomSource
  var clock: Timestamp
  var phase = Phase.closed
  /// Known from INIT ACK or COOKIE ECHO on.
  var agreement: Agreement?
  /// The key of our cookies.
  let secret: [UInt8]
  var timers = Timers()
  var outbox = Outbox()
  var events = EventQueue()

  var queue = SendQueue()
  var outstanding: OutstandingData
  var congestion: CongestionWindow
  var timeout: RetransmissionTimeout
  /// Bytes that the peer takes beyond those in flight.
  var peerWindow = 0
  /// Bytes that the peer has said it takes.
  var advertisedWindow = 0
  /// Timeouts since the peer was last heard.
  var silence = 0
  /// Whether to look for what the peer need not wait for, and what it was told last.
  var needsForwardTSN = false
  var forwarded: (tsn: TSN, at: Timestamp)?

  var received: ReceivedTSNs
  var reassembly: Reassembly
  var acknowledgement = Acknowledgement()
  var resets: StreamResets
  /// What the last HEARTBEAT said, to know its answer.
  var heartbeat: (sent: Timestamp, nonce: UInt64)?

  /// Creates an association that has sent nothing.
  public init(_ configuration: SCTPConfiguration, random: RandomSource, at now: Timestamp) {
    var configuration = configuration
    configuration.maximumPacket = max(512, configuration.maximumPacket) & ~3
    configuration.streams = max(1, configuration.streams)
    self.configuration = configuration
    self.random = random
    clock = now
    secret = self.random.bytes(32)
    outstanding = OutstandingData(initial: TSN(rawValue: 0))
    congestion = CongestionWindow(packet: configuration.maximumPacket)
    timeout = RetransmissionTimeout(configuration)
    received = ReceivedTSNs(initial: TSN(rawValue: 0))
    reassembly = Reassembly(
      initial: TSN(rawValue: 0),
      maximumMessage: configuration.maximumReceivedMessage
    )
    resets = StreamResets(
      local: ReconfigurationNumber(rawValue: 0),
      peer: ReconfigurationNumber(rawValue: 0)
    )
  }

  /// Where the association stands.
  public var state: SCTPState {
    switch phase {
    case .closed: .closed
    case .cookieWait, .cookieEchoed: .connecting
    case .established: .connected
    case .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAcknowledged: .shuttingDown
    case .ended: .ended
    }
  }

  /// What has been counted.
  public var statistics: SCTPStatistics {
    var statistics = counts
    statistics.messagesAbandoned += queue.expired
    statistics.dropped.unsent += outbox.overflows
    return statistics
  }

  /// The smoothed round-trip time, once measured.
  public var smoothedRoundTripTime: Duration? { timeout.smoothed }

  /// Bytes that may be in flight.
  public var congestionWindow: Int { congestion.bytes }

  /// Streams each way as negotiated; `nil` before.
  public var negotiatedStreams: (outgoing: Int, incoming: Int)? {
    guard let agreement, state != .connecting else { return nil }
    return (Int(agreement.outgoingStreams), Int(agreement.incomingStreams))
  }

  /// Bytes of messages that wait for missing parts or to be fetched, and what it costs to keep them.
  public var receiveBufferUsed: Int { events.bytes + reassembly.bytes }

  /// Whether messages are sent and taken as I-DATA (RFC 8260).
  public var isInterleaved: Bool { has(.interleaving) }

  /// When to call ``advance(to:)`` next.
  ///
  /// It may lie in the past; `nil`: not until something happens.
  public var deadline: Timestamp? {
    guard phase != .ended else { return nil }
    var next = timers.deadline
    if isStanding, acknowledgement.isDue || needsWindowUpdate { next = next.earlier(clock) }
    if isHeldByBurst { next = next.earlier(congestion.nextBurst) }
    return next
  }

  /// What has happened since the last call; `nil` when that was all.
  public mutating func nextEvent() -> SCTPEvent? {
    events.next()
  }

  /// Takes a message to send.
  ///
  /// Before the association stands it waits. Whatever is wrong with the message is an outcome.
  public mutating func send(
    _ message: SCTPMessage,
    _ options: SCTPSendOptions = SCTPSendOptions(),
    at now: Timestamp
  ) -> SCTPSendOutcome {
    clock = max(clock, now)
    guard state != .ended, state != .shuttingDown else { return .ended }
    guard !message.payload.isEmpty else { return .empty }
    guard message.payload.count <= configuration.maximumSentMessage else { return .tooLong }
    guard Int(message.stream) < negotiatedStreams?.outgoing ?? Int(configuration.streams) else {
      return .noSuchStream
    }
    guard !queue.isClosing(message.stream) else { return .streamClosing }
    guard
      queue.bytes + message.payload.count + SendQueue.overhead <= configuration.maximumSendBuffer
    else { return .bufferFull }
    queue.append(message, options, at: clock)
    return .queued
  }

  /// Bytes of payload given to `send` for a stream and not handed to the network (bufferedAmount).
  public func bufferedAmount(of stream: UInt16) -> Int {
    queue.buffered(stream)
  }

  /// Sets at how many bytes that wait for a stream `bufferedAmountLow` is told; at first 0.
  public mutating func setBufferedAmountLowThreshold(_ bytes: Int, of stream: UInt16) {
    queue.setThreshold(bytes, of: stream)
  }

  /// Whether both sides can do this.
  func has(_ capability: Capabilities) -> Bool {
    agreement?.capabilities.contains(capability) ?? false
  }

  /// Ends at once, and tells why.
  mutating func end(_ closure: SCTPClosure) {
    guard phase != .ended else { return }
    phase = .ended
    timers = Timers()
    outbox.removeChunks()
    queue = SendQueue()
    outstanding = OutstandingData(initial: TSN(rawValue: 0))
    reassembly = Reassembly(initial: TSN(rawValue: 0), maximumMessage: 0)
    acknowledgement = Acknowledgement()
    events.append(.closed(closure))
  }

  /// Appends a packet of its own with these chunks.
  mutating func sendAlone(_ chunks: [UInt8], tag: VerificationTag) {
    var packet: [UInt8] = []
    packet.append(bigEndian: configuration.localPort)
    packet.append(bigEndian: configuration.remotePort)
    packet.append(bigEndian: tag.rawValue)
    packet.append(bigEndian: UInt32(0))
    outbox.append(packet: packet + chunks)
  }
}
