// SPDX-License-Identifier: Apache-2.0

/// The requests to reset streams, ours and the peer's (RFC 6525 section 5).
struct StreamResets: Sendable {
  /// A request of ours that waits for its answer.
  struct Request: Hashable, Sendable {
    var number: ReconfigurationNumber
    var streams: [UInt16]
    var lastTSN: TSN
  }

  /// A request of the peer that waits for data sent before it.
  struct Deferred: Hashable, Sendable {
    var number: ReconfigurationNumber
    var streams: Set<UInt16>
    var lastTSN: TSN

    /// Whether a chunk belongs to the stream as it will be afterwards.
    func isBehind(_ chunk: DataChunk) -> Bool {
      chunk.tsn.follows(lastTSN) && (streams.isEmpty || streams.contains(chunk.stream))
    }
  }

  /// Streams of ours to be reset once all that waits for them has been sent.
  var pending: Set<UInt16> = []
  var request: Request?
  /// The number of our next request.
  var next: ReconfigurationNumber
  /// The number of the peer's next request.
  var expected: ReconfigurationNumber
  /// What the peer's last request was answered, and what is answered again if it is repeated.
  var lastResult: ReconfigurationResult?
  var deferred: Deferred?

  init(local: ReconfigurationNumber, peer: ReconfigurationNumber) {
    next = local
    expected = peer
  }

  /// Begins with a new association; what was asked for before it stands is kept.
  mutating func begin(local: ReconfigurationNumber, peer: ReconfigurationNumber) {
    let asked = pending
    self = StreamResets(local: local, peer: peer)
    pending = asked
  }
}
