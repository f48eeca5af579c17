// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import PeerSession

extension RTCPeerConnection {
  /// What carries the data channels; `nil` while no description has them.
  public var sctp: RTCSctpTransport? {
    followDataTransport()
    return dataTransport
  }

  /// Opens a data channel; the peer gets a `dataChannel` event (W3C webrtc-pc section 6.1,
  /// createDataChannel).
  ///
  ///     let channel = try await connection.createDataChannel("chat")
  ///     for await event in channel.events {
  ///       switch event {
  ///       case .open: try await channel.send("hello")
  ///       case .message(.text(let text)): print(text)
  ///       default: break
  ///       }
  ///     }
  ///
  /// - Throws: `InvalidStateError` when the connection is closed; `TypeError` for texts of more than 65,535
  ///   bytes, for both limits of reliability at once, for a negotiated channel without `id` and for the
  ///   `id` 65,535; `OperationError` when the `id` is in use or above 1,023, or no stream is left.
  public func createDataChannel(
    _ label: String,
    _ options: RTCDataChannelInit = RTCDataChannelInit()
  ) throws(RTCError) -> RTCDataChannel {
    let transport = try open()
    try options.validate(label)
    let id = transport.session.openChannel(
      DataChannelParameters(
        label: label,
        subprotocol: options.protocol,
        isOrdered: options.ordered,
        lifetime: options.maxPacketLifeTime,
        maximumRetransmissions: options.maxRetransmits,
        negotiatedStream: options.negotiated ? options.id : nil
      ),
      at: network.loop.now
    )
    guard let id, let state = transport.session.dataChannel(id) else {
      throw RTCError(.operation, "There is no stream for the channel \(label).")
    }
    let channel = RTCDataChannel(state, of: transport)
    channels[id] = channel
    // Where the transport stands, the channel is open: that is told in a turn of its own.
    network.loop.post { [weak transport] in
      transport?.settle()
      transport?.flush()
    }
    noteNeed()
    return channel
  }

  // MARK: The session

  /// Takes what the session tells of a channel.
  func take(_ event: DataChannelEvent, on id: DataChannel.ID) {
    if case .offered = event { return announce(id) }
    guard let channel = channels[id] else { return }
    channel.assumeIsolated { $0.take(event) }
    if case .closed = event { channels[id] = nil }
  }

  private func announce(_ id: DataChannel.ID) {
    guard let transport, let state = transport.session.dataChannel(id) else { return }
    let channel = RTCDataChannel(state, of: transport)
    channels[id] = channel
    continuation.yield(.dataChannel(RTCDataChannelEvent(channel: channel)))
  }

  /// Takes over what the session knows of the transport of the channels.
  func followDataTransport() {
    guard let known = transport?.session.dataTransport else { return }
    let followed = dataTransport ?? RTCSctpTransport(on: loop)
    followed.follow(known)
    dataTransport = followed
  }

  /// Closes all channels, without a word.
  func abandonChannels() {
    for channel in channels.values { channel.assumeIsolated { $0.abandon() } }
    channels = [:]
    dataTransport?.close()
  }
}

extension RTCDataChannelInit {
  /// The checks of `createDataChannel` that need no connection.
  fileprivate func validate(_ label: String) throws(RTCError) {
    for (name, text) in [("label", label), ("protocol", self.protocol)]
    where text.utf8.count > Int(UInt16.max) {
      throw RTCError(.type, "The \(name) has more than 65,535 bytes.")
    }
    if maxPacketLifeTime != nil, maxRetransmits != nil {
      throw RTCError(.type, "Either maxPacketLifeTime or maxRetransmits can be given, not both.")
    }
    guard negotiated else { return }
    guard let id else {
      throw RTCError(.type, "A negotiated channel needs an id.")
    }
    if id == UInt16.max { throw RTCError(.type, "There is no stream 65,535.") }
  }
}

/// A channel that the peer has opened (W3C webrtc-pc section 6.3).
public struct RTCDataChannelEvent: Hashable, Sendable {
  /// The channel: it is open.
  public let channel: RTCDataChannel

  /// Whether both tell of the same channel.
  public static func == (one: RTCDataChannelEvent, other: RTCDataChannelEvent) -> Bool {
    one.channel === other.channel
  }

  /// Hashes the channel's identity.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(channel))
  }
}
