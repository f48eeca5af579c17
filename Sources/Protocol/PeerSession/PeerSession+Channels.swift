// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import SCTP
public import Wire

extension PeerSession {
  /// What a DTLS record adds to a packet of SCTP, in bytes: its head, AES-GCM's nonce and tag.
  static let recordOverhead = 37

  /// The transport of the data channels; `nil` while no description of ours or of the peer has them.
  public var dataTransport: DataTransport? {
    guard negotiation.data.line != nil || channels.state == .closed else { return nil }
    return DataTransport(
      state: channels.state,
      maximumMessage: channels.longestMessage,
      maximumChannels: channels.negotiatedChannels
    )
  }

  /// A data channel that is not over.
  public func dataChannel(_ id: DataChannel.ID) -> DataChannel? { channels.channels[id] }

  /// Data channels that are not over, in the order in which they came.
  public var dataChannels: [DataChannel] {
    channels.channels.values.sorted { $0.id < $1.id }
  }

  /// Data channels that have been open, and those of them that are so no more.
  public var dataChannelCounts: (opened: UInt64, closed: UInt64) {
    (channels.opened, channels.closed)
  }

  /// Messages of the peer that were dropped: on no channel, malformed, of an unknown kind.
  public var droppedChannelMessages: UInt64 { channels.dropped }

  /// Adds a data channel, told to the peer once the transport is connected; the next offer has an
  /// m-line for it.
  ///
  /// `nil` when its stream is in use or too high, when there are 1,024 channels, or the transport has
  /// ended.
  public mutating func openChannel(
    _ parameters: DataChannelParameters,
    at now: Timestamp
  ) -> DataChannel.ID? {
    guard connectionState != .closed else { return nil }
    self.now = now
    guard let id = channels.open(parameters, &events, at: now) else { return nil }
    negotiation.data.isWanted = true
    return id
  }

  /// Sends a message over a data channel.
  public mutating func send(
    _ message: DataChannelMessage,
    on id: DataChannel.ID,
    at now: Timestamp
  ) -> DataChannelSendOutcome {
    self.now = now
    return channels.send(message, on: id, at: now)
  }

  /// Bytes that were given to `send` for a data channel and have not left yet.
  public func bufferedAmount(of id: DataChannel.ID) -> Int { channels.bufferedAmount(of: id) }

  /// Says at which amount `bufferedAmountLow` is told of a data channel.
  public mutating func setBufferedAmountLowThreshold(_ bytes: Int, of id: DataChannel.ID) {
    channels.setBufferedAmountLowThreshold(bytes, of: id)
  }

  /// Closes a data channel: what was sent before still arrives, and both sides are told the end.
  public mutating func closeChannel(_ id: DataChannel.ID, at now: Timestamp) {
    self.now = now
    channels.close(id, &events, at: now)
  }

  /// Says whether messages are to wait with SCTP, which then lets the peer send no more than its window.
  ///
  /// What else the transport has to tell waits behind them.
  public mutating func holdMessages(_ isHolding: Bool, at now: Timestamp) {
    self.now = now
    isHoldingMessages = isHolding
    followChannels()
  }

  // MARK: Parts

  /// Takes over what the last answer has come to.
  mutating func settleChannels() {
    guard let agreed = negotiation.agreedData, let role = negotiation.transport?.role else {
      if negotiation.data.line == nil { channels.reject(&events, at: now) }
      return
    }
    channels.settle(agreed, role, &events)
    startChannels()
  }

  /// Begins the association as soon as there is an m-line for it, and DTLS stands.
  mutating func startChannels() {
    guard srtpSender != nil, security == .held, let agreed = negotiation.agreedData else { return }
    channels.connect(
      agreed,
      maximumPacket: configuration.maximumDatagram - Self.recordOverhead,
      random: random.fork(),
      at: now
    )
    followChannels()
  }

  /// Takes what DTLS has decrypted.
  mutating func receiveChannels(_ packet: Span<UInt8>) {
    guard channels.receive(packet, at: now) else {
      statistics.droppedUnexpected &+= 1
      return
    }
    followChannels()
  }

  mutating func followChannels() {
    channels.follow(&events, isHolding: isHoldingMessages, at: now)
  }

  /// Writes the next packet of SCTP as a DTLS record.
  @_lifetime(slot: copy slot)
  mutating func writeChannels(into slot: inout OutputSpan<UInt8>) -> Bool {
    guard channels.nextPacket(into: &slot) else { return false }
    if dtls?.seal(&slot) == true { return true }
    slot.removeAll()
    return false
  }

  /// Tells the peer that the association is over, as far as DTLS still can.
  mutating func abortChannels() {
    let isSecure = security == .held && srtpSender != nil
    channels.abort(at: now)
    guard isSecure else { return }
    while let packet = [UInt8](writing: { channels.nextPacket(into: &$0) }) {
      guard dtls?.send(packet.span) == true else { return }
    }
  }
}
