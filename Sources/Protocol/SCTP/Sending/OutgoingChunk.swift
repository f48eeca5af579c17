// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Tells the messages of one side from one another.
struct OutgoingMessageID: RawRepresentable, Hashable, Sendable {
  var rawValue: UInt64
}

/// What all fragments of a message share.
struct OutgoingHeader: Sendable {
  var id: OutgoingMessageID
  var stream: UInt16
  /// Known once the first fragment is cut: a message given up before takes no number.
  var mid = MID(rawValue: 0)
  var payloadProtocol: UInt32
  var isUnordered: Bool
  /// When it is given up.
  var expiry = Timestamp.distantFuture
  /// After how many retransmissions it is given up.
  var maximumRetransmissions = Int.max

  /// Whether it may be given up.
  var isLimited: Bool { expiry != .distantFuture || maximumRetransmissions != Int.max }
}

/// A fragment under way: which bytes of the message, and what became of it.
struct OutgoingChunk: Sendable {
  enum State: Hashable, Sendable {
    /// Sent, and not heard of.
    case inFlight
    /// It came, behind a hole.
    case acknowledged
    /// Lost; it waits to be sent again.
    case lost
    /// Given up, with its whole message.
    case abandoned
  }

  var header: OutgoingHeader
  /// The whole message: a fragment is a range of it and no copy.
  var payload: [UInt8]
  var range: Range<Int>
  var fragment = FSN(rawValue: 0)
  var isBeginning: Bool
  var isEnd: Bool
  var state = State.inFlight
  var sentAt = Timestamp.zero
  var retransmissions = 0
  /// How many SACKs told of later chunks and not of this one.
  var misses = 0
  /// A SACK of an earlier chunk than this does not count as a miss: it was sent before.
  var barrier = TSN(rawValue: 0)

  /// Stands where no chunk is.
  static let none = OutgoingChunk(
    header: OutgoingHeader(
      id: OutgoingMessageID(rawValue: 0),
      stream: 0,
      payloadProtocol: 0,
      isUnordered: false
    ),
    payload: [],
    range: 0..<0,
    isBeginning: false,
    isEnd: false
  )

  /// What it takes of the windows: its bytes and the longer of the two headers.
  var size: Int { range.count + 20 }

  /// The chunk on the wire.
  func chunk(_ tsn: TSN, isInterleaved: Bool, isImmediate: Bool) -> DataChunk {
    DataChunk(
      tsn: tsn,
      stream: header.stream,
      place: isInterleaved
        ? .message(header.mid, fragment: fragment) : .sequence(header.mid.ssn),
      payloadProtocol: header.payloadProtocol,
      isUnordered: header.isUnordered,
      isBeginning: isBeginning,
      isEnd: isEnd,
      isImmediate: isImmediate
    )
  }
}
