// SPDX-License-Identifier: Apache-2.0
internal import PeerSession
internal import Wire

/// What one end of a simulated call has sent over its data channels, and what has come.
struct ChannelLedger: Sendable {
  /// One channel.
  struct Entry: Sendable {
    var label: String
    var stream: UInt16?
    /// Whether all of it must arrive.
    var isReliable: Bool
    var isOffered = false
    var isOpen = false
    var isClosing = false
    var isClosed = false
    var failure: DataChannelFailure?
    var lowBuffers = 0
    var sent: [UInt32] = []
    var received: [UInt32] = []
  }

  private(set) var entries: [DataChannel.ID: Entry] = [:]
  /// The states of the transport, in order.
  var transport: [DataTransport.State] = []

  /// Notes a channel that was made here.
  mutating func add(_ channel: DataChannel) {
    let parameters = channel.parameters
    let isReliable = parameters.lifetime == nil && parameters.maximumRetransmissions == nil
    entries[channel.id] = Entry(
      label: parameters.label,
      stream: channel.stream,
      isReliable: isReliable
    )
  }

  /// Notes what was sent.
  mutating func sent(_ message: DataChannelMessage, on id: DataChannel.ID) {
    entries[id]?.sent.append(Self.sum(message))
  }

  /// Notes what the session tells; `state` is the channel as it is now.
  mutating func take(_ event: DataChannelEvent, of id: DataChannel.ID, _ state: DataChannel?) {
    if case .offered = event, let state {
      add(state)
      entries[id]?.isOffered = true
    }
    if let stream = state?.stream { entries[id]?.stream = stream }
    switch event {
    case .offered: break
    case .opened: entries[id]?.isOpen = true
    case .received(let message): entries[id]?.received.append(Self.sum(message))
    case .bufferedAmountLow: entries[id]?.lowBuffers += 1
    case .closing: entries[id]?.isClosing = true
    case .closed(let failure):
      entries[id]?.isClosed = true
      entries[id]?.failure = failure
    }
  }

  /// The channels of a label, in the order in which they came.
  func all(_ label: String) -> [(id: DataChannel.ID, entry: Entry)] {
    entries.filter { $0.value.label == label }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Begins anew.
  mutating func clear() {
    entries = [:]
    transport = []
  }

  private static func sum(_ message: DataChannelMessage) -> UInt32 {
    Checksum.crc32(message.bytes.span) ^ (message.isText ? 1 : 0)
      ^ UInt32(truncatingIfNeeded: message.bytes.count)
  }
}

extension CallSimulation {
  /// Opens a channel at one end.
  mutating func open(_ parameters: DataChannelParameters, at side: Side) throws -> DataChannel.ID {
    let instant = now
    guard let id = self[side].session.openChannel(parameters, at: instant),
      let channel = self[side].session.dataChannel(id)
    else { throw CheckFailure(description: "no channel \(parameters.label)") }
    self[side].channels.add(channel)
    return id
  }

  /// Sends a message, unless there is no room for it; answers whether there was.
  mutating func send(
    _ message: DataChannelMessage,
    on id: DataChannel.ID,
    at side: Side
  ) throws -> Bool {
    let instant = now
    switch self[side].session.send(message, on: id, at: instant) {
    case .queued:
      self[side].channels.sent(message, on: id)
      return true
    case .bufferFull:
      return false
    case .tooLong, .notOpen:
      throw CheckFailure(description: "a message cannot be sent at the \(side)")
    }
  }

  /// The channel of a label at an end; throws unless there is one and no more.
  func channel(
    _ label: String,
    at side: Side
  ) throws -> (id: DataChannel.ID, entry: ChannelLedger.Entry) {
    let found = self[side].channels.all(label)
    guard let first = found.first, found.count == 1 else {
      throw CheckFailure(description: "the \(side) has \(found.count) channels \(label)")
    }
    return first
  }
}
