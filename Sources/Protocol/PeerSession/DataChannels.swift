// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import SCTP
internal import Wire

/// The data channels of a session, over one SCTP association (RFC 8831, RFC 8832).
///
/// A stream that both sides have closed serves another channel. Whatever the peer says of streams that
/// carry no channel is dropped and counted.
struct DataChannels: Sendable {
  /// What a message is, by its payload protocol (RFC 8831 section 8).
  private enum Payload {
    static let control: UInt32 = 50
    static let text: UInt32 = 51
    static let binary: UInt32 = 53
    static let emptyText: UInt32 = 56
    static let emptyBinary: UInt32 = 57
  }

  /// Streams each way, and so channels at the same time, at most.
  static let maximumChannels = 1024

  /// The association, while there is one.
  private(set) var association: SCTPAssociation?
  /// How far the transport is.
  private(set) var state = DataTransport.State.connecting
  /// All channels that are not over.
  private(set) var channels: [DataChannel.ID: DataChannel] = [:]
  /// Channels that have been open.
  private(set) var opened: UInt64 = 0
  /// Those of them that are so no more.
  private(set) var closed: UInt64 = 0
  /// Messages of the peer that were dropped: on no channel, malformed, of an unknown kind.
  private(set) var dropped: UInt64 = 0
  /// Channels by their stream.
  private var carried: [UInt16: DataChannel.ID] = [:]
  /// Streams that cannot be used again, since the peer did not let them be closed.
  private var spoilt: Set<UInt16> = []
  private var nextID = 0
  private var role: DTLSRole?
  private var maximumMessage: Int?

  // MARK: The transport

  /// Streams that the association has in both directions; `nil` before it is connected.
  var negotiatedChannels: Int? {
    guard state == .connected, let streams = association?.negotiatedStreams else { return nil }
    return min(streams.outgoing, streams.incoming, Self.maximumChannels)
  }

  /// The longest message that can be sent.
  var longestMessage: Int {
    min(maximumMessage ?? DataSection.maximumMessage, DataSection.maximumMessage)
  }

  /// Takes over what the last descriptions have come to; channels get their streams as soon as the DTLS
  /// roles are known.
  mutating func settle(_ agreed: AgreedData, _ role: DTLSRole, _ events: inout EventQueue) {
    self.role = role
    maximumMessage = agreed.maximumMessage
    for id in channels.keys.sorted() where channels[id]?.stream == nil {
      guard let stream = freeStream() else {
        end(id, .noStream, &events)
        continue
      }
      assign(stream, to: id)
    }
  }

  /// Begins the association, over DTLS that stands; does nothing the second time.
  mutating func connect(
    _ agreed: AgreedData,
    maximumPacket: Int,
    random: RandomSource,
    at now: Timestamp
  ) {
    guard association == nil, state == .connecting else { return }
    var configuration = SCTPConfiguration()
    configuration.localPort = DataSection.port
    configuration.remotePort = agreed.remotePort
    configuration.maximumPacket = maximumPacket
    configuration.maximumReceivedMessage = DataSection.maximumMessage
    configuration.maximumSentMessage = DataSection.maximumMessage
    configuration.streams = UInt16(Self.maximumChannels)
    var made = SCTPAssociation(configuration, random: random, at: now)
    made.connect(at: now)
    association = made
  }

  /// Takes the peer's packet; `false` where there is nothing that it could be for.
  mutating func receive(_ packet: Span<UInt8>, at now: Timestamp) -> Bool {
    guard association != nil else { return false }
    association?.receive(packet, at: now)
    return true
  }

  mutating func advance(to now: Timestamp) {
    association?.advance(to: now)
  }

  var deadline: Timestamp? { association?.deadline }

  @_lifetime(slot: copy slot)
  mutating func nextPacket(into slot: inout OutputSpan<UInt8>) -> Bool {
    association?.nextTransmit(into: &slot) == true
  }

  /// Follows the association; stops where `isHolding`, and then the peer is slowed down by its window.
  mutating func follow(_ events: inout EventQueue, isHolding: Bool, at now: Timestamp) {
    while !isHolding, let event = association?.nextEvent() { take(event, &events, at: now) }
  }

  /// Ends the transport and all channels, where there are any; the reason is for a person.
  ///
  /// The peer of an association that has not ended by itself is told by ABORT, when something can be sent.
  mutating func fail(_ reason: String, _ events: inout EventQueue, at now: Timestamp) {
    let isUsed = association != nil || !channels.isEmpty || role != nil
    guard state != .closed, isUsed else { return }
    association?.abort(reason, at: now)
    state = .closed
    for id in channels.keys.sorted() { end(id, .transportEnded(reason), &events) }
    events.append(.dataTransportChanged(.closed))
  }

  /// Ends the association for good, without a word to the application: what is left to send is ABORT.
  mutating func abort(at now: Timestamp) {
    guard association != nil || !channels.isEmpty else { return }
    association?.abort("The connection is closed.", at: now)
    state = .closed
    channels = [:]
    carried = [:]
  }

  /// Forgets the association after its m-line was rejected: another may come.
  mutating func reject(_ events: inout EventQueue, at now: Timestamp) {
    guard role != nil || association != nil || !channels.isEmpty else { return }
    fail("The data channels were turned down.", &events, at: now)
    self = DataChannels(after: self)
  }

  init() {}

  private init(after old: DataChannels) {
    nextID = old.nextID
    opened = old.opened
    closed = old.closed
    dropped = old.dropped
  }

  // MARK: The application

  /// Adds a channel; `nil` when its stream is in use, or there are no more.
  mutating func open(
    _ parameters: DataChannelParameters,
    _ events: inout EventQueue,
    at now: Timestamp
  ) -> DataChannel.ID? {
    guard state != .closed, channels.count < Self.maximumChannels else { return nil }
    var stream = parameters.negotiatedStream
    if let stream {
      guard Int(stream) < negotiatedChannels ?? Self.maximumChannels, isFree(stream) else {
        return nil
      }
    } else if role != nil {
      stream = freeStream()
      if stream == nil { return nil }
    }
    let id = add(DataChannel(id: nextID, parameters: parameters))
    if let stream { assign(stream, to: id) }
    if state == .connected { begin(id, &events, at: now) }
    return id
  }

  /// Sends a message over a channel that is open.
  mutating func send(
    _ message: DataChannelMessage,
    on id: DataChannel.ID,
    at now: Timestamp
  ) -> DataChannelSendOutcome {
    guard let channel = channels[id], channel.state == .open, let stream = channel.stream else {
      return .notOpen
    }
    guard message.bytes.count <= longestMessage else { return .tooLong }
    let isEmpty = message.bytes.isEmpty
    let kind =
      message.isText
      ? (isEmpty ? Payload.emptyText : Payload.text)
      : (isEmpty ? Payload.emptyBinary : Payload.binary)
    // SCTP carries no empty messages: one zero byte stands for one (RFC 8831 section 6.6).
    let payload = isEmpty ? [0] : message.bytes
    let outcome = association?.send(
      SCTPMessage(stream: stream, payloadProtocol: kind, payload: payload),
      channel.options,
      at: now
    )
    switch outcome {
    case .queued:
      channels[id]?.statistics.messagesSent &+= 1
      channels[id]?.statistics.bytesSent &+= UInt64(message.bytes.count)
      channels[id]?.awaitsLowBuffer = true
      return .queued
    case .bufferFull: return .bufferFull
    case .tooLong: return .tooLong
    case .empty, .noSuchStream, .streamClosing, .ended, .none: return .notOpen
    }
  }

  /// Bytes that were given to `send` and have not left yet.
  func bufferedAmount(of id: DataChannel.ID) -> Int {
    guard let channel = channels[id], let stream = channel.stream, let association else { return 0 }
    // What opens the channel is not the application's, and comes first.
    let all = Int(clamping: channel.statistics.bytesSent)
    return min(association.bufferedAmount(of: stream), all)
  }

  mutating func setBufferedAmountLowThreshold(_ bytes: Int, of id: DataChannel.ID) {
    guard let stream = channels[id]?.stream else { return }
    association?.setBufferedAmountLowThreshold(bytes, of: stream)
  }

  /// Closes a channel: what was sent before still arrives (RFC 8831 section 6.7).
  mutating func close(_ id: DataChannel.ID, _ events: inout EventQueue, at now: Timestamp) {
    guard let channel = channels[id] else { return }
    switch channel.state {
    case .connecting: end(id, nil, &events)
    case .open:
      leaveOpen(id)
      if let stream = channel.stream { association?.resetStreams([stream], at: now) }
    case .closing, .closed: break
    }
  }

  // MARK: The peer

  private mutating func take(_ event: SCTPEvent, _ events: inout EventQueue, at now: Timestamp) {
    switch event {
    case .connected:
      state = .connected
      events.append(.dataTransportChanged(.connected))
      for id in channels.keys.sorted() { begin(id, &events, at: now) }
    case .received(let message): take(message, &events, at: now)
    case .bufferedAmountLow(let stream):
      guard let id = carried[stream], channels[id]?.awaitsLowBuffer == true else { return }
      channels[id]?.awaitsLowBuffer = false
      events.append(.channel(id, .bufferedAmountLow))
    case .outgoingStreamsReset(let streams):
      for stream in streams {
        guard let id = carried[stream] else { continue }
        channels[id]?.isOutgoingReset = true
        endIfReset(id, &events)
      }
    case .outgoingResetFailed(let streams):
      for stream in streams {
        guard let id = carried[stream] else { continue }
        spoilt.insert(stream)
        end(id, .resetRefused, &events)
      }
    case .incomingStreamsReset(let streams):
      for stream in streams { takeReset(of: stream, &events, at: now) }
    case .restarted:
      for id in channels.keys.sorted() {
        end(id, .transportEnded("The peer began anew."), &events)
      }
      spoilt = []
    case .closed(let closure):
      fail(closure.sentence, &events, at: now)
    }
  }

  private mutating func take(
    _ message: SCTPMessage,
    _ events: inout EventQueue,
    at now: Timestamp
  ) {
    if message.payloadProtocol == Payload.control {
      return takeControl(message, &events, at: now)
    }
    guard let id = carried[message.stream], let isOpen = channels[id].map({ $0.state == .open })
    else {
      dropped &+= 1
      return
    }
    // What the peer sent before it heard that we close is nobody's any more.
    guard isOpen else { return }
    let content: DataChannelMessage
    switch message.payloadProtocol {
    case Payload.text: content = DataChannelMessage(isText: true, bytes: message.payload)
    case Payload.binary: content = DataChannelMessage(isText: false, bytes: message.payload)
    case Payload.emptyText: content = DataChannelMessage(isText: true, bytes: [])
    case Payload.emptyBinary: content = DataChannelMessage(isText: false, bytes: [])
    default:
      dropped &+= 1
      return
    }
    channels[id]?.statistics.messagesReceived &+= 1
    channels[id]?.statistics.bytesReceived &+= UInt64(content.bytes.count)
    events.append(.channel(id, .received(content)))
  }

  private mutating func takeControl(
    _ message: SCTPMessage,
    _ events: inout EventQueue,
    at now: Timestamp
  ) {
    let known = carried[message.stream]
    switch DCEPMessage(message.payload.span) {
    case .acknowledge:
      guard let known, channels[known]?.awaitsAcknowledgement == true else {
        dropped &+= 1
        return
      }
      channels[known]?.awaitsAcknowledgement = false
    case .open(let open):
      guard known == nil, channels.count < Self.maximumChannels,
        Int(message.stream) < negotiatedChannels ?? 0
      else {
        dropped &+= 1
        return
      }
      let id = add(DataChannel(id: nextID, parameters: DataChannelParameters(open)))
      assign(message.stream, to: id)
      // The peer's streams are those of its DTLS role, and one that we could not close is lost.
      guard message.stream % 2 == Self.parity(role?.other), !spoilt.contains(message.stream) else {
        dropped &+= 1
        channels[id]?.isRefused = true
        channels[id]?.state = .closing
        association?.resetStreams([message.stream], at: now)
        return
      }
      sendControl(DCEPMessage.acknowledge.bytes, on: message.stream, at: now)
      enterOpen(id)
      events.append(.channel(id, .offered))
      events.append(.channel(id, .opened))
    case nil:
      dropped &+= 1
    }
  }

  /// The peer has closed its direction of a stream: so do we (RFC 8831 section 6.7).
  private mutating func takeReset(
    of stream: UInt16,
    _ events: inout EventQueue,
    at now: Timestamp
  ) {
    guard let id = carried[stream], let channel = channels[id] else { return }
    channels[id]?.isIncomingReset = true
    if channel.state == .open {
      leaveOpen(id)
      events.append(.channel(id, .closing))
      association?.resetStreams([stream], at: now)
    }
    endIfReset(id, &events)
  }

  // MARK: Parts

  /// Opens a channel of ours over the association that stands.
  private mutating func begin(
    _ id: DataChannel.ID,
    _ events: inout EventQueue,
    at now: Timestamp
  ) {
    guard let channel = channels[id], channel.state == .connecting else { return }
    guard let stream = channel.stream, Int(stream) < negotiatedChannels ?? 0 else {
      return end(id, .noStream, &events)
    }
    if channel.parameters.negotiatedStream == nil {
      channels[id]?.awaitsAcknowledgement = true
      sendControl(channel.parameters.open, on: stream, at: now)
    }
    enterOpen(id)
    events.append(.channel(id, .opened))
  }

  private mutating func sendControl(_ payload: [UInt8]?, on stream: UInt16, at now: Timestamp) {
    guard let payload else { return }
    _ = association?.send(
      SCTPMessage(stream: stream, payloadProtocol: Payload.control, payload: payload),
      SCTPSendOptions(),
      at: now
    )
  }

  private mutating func add(_ channel: DataChannel) -> DataChannel.ID {
    nextID += 1
    channels[channel.id] = channel
    return channel.id
  }

  private mutating func assign(_ stream: UInt16, to id: DataChannel.ID) {
    channels[id]?.stream = stream
    carried[stream] = id
  }

  private mutating func enterOpen(_ id: DataChannel.ID) {
    channels[id]?.state = .open
    opened &+= 1
  }

  private mutating func leaveOpen(_ id: DataChannel.ID) {
    guard channels[id]?.state == .open else { return }
    channels[id]?.state = .closing
    closed &+= 1
  }

  private mutating func endIfReset(_ id: DataChannel.ID, _ events: inout EventQueue) {
    guard let channel = channels[id], channel.isOutgoingReset, channel.isIncomingReset else {
      return
    }
    end(id, nil, &events)
  }

  private mutating func end(
    _ id: DataChannel.ID,
    _ failure: DataChannelFailure?,
    _ events: inout EventQueue
  ) {
    leaveOpen(id)
    guard let channel = channels.removeValue(forKey: id) else { return }
    if let stream = channel.stream { carried[stream] = nil }
    if !channel.isRefused { events.append(.channel(id, .closed(failure))) }
  }

  private func isFree(_ stream: UInt16) -> Bool {
    carried[stream] == nil && !spoilt.contains(stream)
  }

  /// The first stream of ours that carries nothing: even ones are the DTLS client's (RFC 8832 section 6).
  private func freeStream() -> UInt16? {
    let limit = negotiatedChannels ?? Self.maximumChannels
    return stride(from: Int(Self.parity(role)), to: limit, by: 2).lazy
      .map { UInt16(truncatingIfNeeded: $0) }.first(where: isFree)
  }

  private static func parity(_ role: DTLSRole?) -> UInt16 { role == .server ? 1 : 0 }
}

extension DTLSRole {
  fileprivate var other: DTLSRole { self == .client ? .server : .client }
}

extension SCTPClosure {
  /// Why it ended, for a person.
  fileprivate var sentence: String {
    switch self {
    case .shutdown: "The peer has closed all channels."
    case .aborted: "The channels were closed."
    case .abortedByPeer(let reason): "The peer has closed all channels: \(reason)"
    case .timedOut: "The peer does not answer any more."
    case .protocolViolation(let reason): "The peer broke the rules of SCTP: \(reason)"
    }
  }
}
