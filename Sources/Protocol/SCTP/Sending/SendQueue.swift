// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The messages that wait to be sent, by stream, and whose turn it is.
///
/// Streams take turns: with I-DATA at each fragment, else at each message (RFC 8260 section 3).
struct SendQueue: Sendable {
  /// What a message that waits is counted for besides its bytes.
  static let overhead = 64
  /// Messages of several fragments that are under way at the same time, so that they do not fill
  /// the receiver's buffer with parts.
  static let maximumPartial = 3
  /// A fragment that is cut to fill a packet has so many bytes at least.
  static let leastFragment = 256

  /// What comes next.
  enum Cut: Sendable {
    case nothing
    case chunk(OutgoingChunk)
    /// The rest of a message was given up after parts of it were sent.
    case givenUp(OutgoingHeader)
  }

  /// The room there is for a fragment.
  struct Room: Sendable {
    /// Bytes of payload that fit into this packet.
    var bytes: Int
    /// Bytes of payload that fit into an empty packet.
    var full: Int
    /// Whether something stands in the packet, so that waiting for the next one may be better.
    var isShared: Bool
  }

  private struct Message: Sendable {
    static let none = Message(header: OutgoingChunk.none.header, payload: [])
    var header: OutgoingHeader
    var payload: [UInt8]
    var sent = 0
    var fragment = FSN(rawValue: 0)
  }

  private struct Stream: Sendable {
    var messages = RingBuffer(filler: Message.none)
    var buffered = 0
    var threshold = 0
    var nextOrdered = MID(rawValue: 0)
    var nextUnordered = MID(rawValue: 0)
    var isClosing = false
    var isScheduled = false
  }

  /// Bytes that wait, with what it costs to keep them.
  private(set) var bytes = 0
  /// Messages given up before any of them was sent.
  private(set) var expired = 0
  /// Whether fragments of several messages may alternate.
  var isInterleaved = false
  /// Streams of which little waits since the last look.
  var low: [UInt16] = []

  private var streams: [UInt16: Stream] = [:]
  private var turns = RingBuffer<UInt16>(filler: 0)
  /// Streams that may not begin a long message yet.
  private var held = RingBuffer<UInt16>(filler: 0)
  private var partial = 0
  private var messageCount = 0
  private var nextID: UInt64 = 1

  var isEmpty: Bool { messageCount == 0 }

  /// Takes a message.
  mutating func append(_ message: SCTPMessage, _ options: SCTPSendOptions, at now: Timestamp) {
    var header = OutgoingHeader(
      id: OutgoingMessageID(rawValue: nextID),
      stream: message.stream,
      payloadProtocol: message.payloadProtocol,
      isUnordered: !options.isOrdered
    )
    if let lifetime = options.lifetime { header.expiry = now + lifetime }
    if let maximum = options.maximumRetransmissions { header.maximumRetransmissions = Int(maximum) }
    nextID &+= 1
    bytes += message.payload.count + Self.overhead
    messageCount += 1
    let isNew: Bool = {
      let waiting = Message(header: header, payload: message.payload)
      streams[message.stream, default: Stream()].messages.append(waiting)
      streams[message.stream, default: Stream()].buffered += message.payload.count
      return streams[message.stream]?.isScheduled == false
    }()
    if isNew {
      streams[message.stream]?.isScheduled = true
      turns.append(message.stream)
    }
  }

  /// Cuts the next fragment; `canGiveUp` says whether a message that was begun may be given up.
  mutating func next(_ room: Room, canGiveUp: Bool, at now: Timestamp) -> Cut {
    while let number = turns.first {
      guard var message = streams[number]?.messages.first else {
        streams[number]?.isScheduled = false
        _ = turns.popFirst()
        continue
      }
      if message.header.expiry <= now, message.sent == 0 || canGiveUp {
        let isBegun = message.sent > 0
        removeFirst(of: number, rest: message.payload.count - message.sent, isPartial: isBegun)
        if isBegun { return .givenUp(message.header) }
        expired += 1
        continue
      }
      let left = message.payload.count - message.sent
      if isInterleaved, message.sent == 0, left > room.full, partial >= Self.maximumPartial {
        if let number = turns.popFirst() { held.append(number) }
        continue
      }
      guard
        room.bytes >= left || !room.isShared || left > room.full && room.bytes >= Self.leastFragment
      else { return .nothing }
      let count = min(left, room.bytes)
      guard count > 0 else { return .nothing }
      return .chunk(cut(&message, of: number, count))
    }
    return .nothing
  }

  /// Gives up what is left of a message that was begun; `false` when nothing is.
  mutating func discardRest(of header: OutgoingHeader) -> Bool {
    guard let message = streams[header.stream]?.messages.first, message.header.id == header.id
    else {
      return false
    }
    let rest = message.payload.count - message.sent
    removeFirst(of: header.stream, rest: rest, isPartial: true)
    return true
  }

  /// Drops all streams from this one on, with what waits for them.
  mutating func removeStreams(from limit: UInt16) {
    for (number, stream) in streams where number >= limit {
      messageCount -= stream.messages.count
      bytes -= stream.buffered + stream.messages.count * Self.overhead
      streams[number]?.messages.removeAll()
      streams[number]?.buffered = 0
    }
  }

  // MARK: Streams

  /// Bytes that wait for a stream.
  func buffered(_ stream: UInt16) -> Int { streams[stream]?.buffered ?? 0 }

  /// Sets from where on ``low`` tells of a stream.
  mutating func setThreshold(_ bytes: Int, of stream: UInt16) {
    streams[stream, default: Stream()].threshold = max(0, bytes)
  }

  func isClosing(_ stream: UInt16) -> Bool { streams[stream]?.isClosing ?? false }

  /// Whether nothing waits for a stream.
  func isDrained(_ stream: UInt16) -> Bool { streams[stream]?.messages.isEmpty ?? true }

  /// Takes nothing more for a stream, or takes again.
  mutating func setClosing(_ isClosing: Bool, _ stream: UInt16) {
    streams[stream, default: Stream()].isClosing = isClosing
  }

  /// Begins a stream anew (RFC 6525).
  mutating func reset(_ stream: UInt16) {
    streams[stream]?.nextOrdered = MID(rawValue: 0)
    streams[stream]?.nextUnordered = MID(rawValue: 0)
    streams[stream]?.isClosing = false
  }

  // MARK: Parts

  private mutating func cut(
    _ message: inout Message,
    of number: UInt16,
    _ count: Int
  )
    -> OutgoingChunk
  {
    let isBeginning = message.sent == 0
    let isEnd = message.sent + count == message.payload.count
    if isBeginning { message.header.mid = takeNumber(message.header) }
    var chunk = OutgoingChunk(
      header: message.header,
      payload: message.payload,
      range: message.sent..<(message.sent + count),
      isBeginning: isBeginning,
      isEnd: isEnd
    )
    chunk.fragment = message.fragment
    if isEnd {
      removeFirst(of: number, rest: count, isPartial: !isBeginning)
    } else {
      if isBeginning { partial += 1 }
      message.sent += count
      message.fragment = message.fragment.next
      streams[number]?.messages[0] = message
      take(count, of: number)
    }
    if isEnd || isInterleaved {
      _ = turns.popFirst()
      if streams[number]?.messages.isEmpty == false {
        turns.append(number)
      } else {
        streams[number]?.isScheduled = false
      }
    }
    return chunk
  }

  private mutating func takeNumber(_ header: OutgoingHeader) -> MID {
    if header.isUnordered {
      let mid = streams[header.stream]?.nextUnordered ?? MID(rawValue: 0)
      streams[header.stream]?.nextUnordered = mid.next
      return mid
    }
    let mid = streams[header.stream]?.nextOrdered ?? MID(rawValue: 0)
    streams[header.stream]?.nextOrdered = mid.next
    return mid
  }

  private mutating func removeFirst(of number: UInt16, rest: Int, isPartial: Bool) {
    _ = streams[number]?.messages.popFirst()
    messageCount -= 1
    bytes -= Self.overhead
    take(rest, of: number)
    guard isPartial else { return }
    partial -= 1
    if let stream = held.popFirst() { turns.append(stream) }
  }

  /// Counts bytes of a stream that wait no more.
  private mutating func take(_ count: Int, of number: UInt16) {
    bytes -= count
    guard let before = streams[number]?.buffered, let threshold = streams[number]?.threshold else {
      return
    }
    streams[number]?.buffered = before - count
    if before > threshold, before - count <= threshold { low.append(number) }
  }
}
