// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// One check under way: what was sent, and when it is sent again or given up.
struct ICETransaction: Sendable {
  /// What a check is for.
  enum Purpose: Sendable {
    /// Whether the pair works.
    case check
    /// Whether the pair works, and that it shall be used.
    case nomination
    /// Whether the peer still wants data; sent once, never again.
    case consent
  }

  /// Ties the answer to the check.
  let id: STUNTransactionID
  /// The pair that is checked.
  let pair: Int
  /// From where and to where.
  let path: Transmit
  /// What the check is for.
  let purpose: Purpose
  /// Our role as the check said it.
  let role: ICERole
  /// The PRIORITY that the check said.
  let priority: UInt32
  /// The datagram, the same each time.
  let datagram: [UInt8]
  /// When it was last sent.
  var lastSent: Timestamp
  /// How often it was sent.
  var transmissions = 1
  /// The first timeout.
  let timeout: Duration
  /// When it is sent again or given up.
  var due: Timestamp
  /// It is no longer sent again nor decides about the pair, but its answer still counts.
  var isCancelled = false
}

/// The checks under way, at most 256; the oldest makes room.
struct ICETransactionTable: Sendable {
  private(set) var all: [ICETransaction] = []
  private static let limit = 256

  /// When the next one is due.
  var deadline: Timestamp? {
    all.lazy.map(\.due).min()
  }

  /// Adds a check.
  mutating func insert(_ transaction: ICETransaction) {
    if all.count >= Self.limit { all.removeFirst() }
    all.append(transaction)
  }

  /// Takes out the check with this identifier.
  mutating func remove(_ id: STUNTransactionID) -> ICETransaction? {
    guard let index = all.firstIndex(where: { $0.id == id }) else { return nil }
    return all.remove(at: index)
  }

  /// The check with this identifier.
  subscript(id: STUNTransactionID) -> ICETransaction? {
    all.first { $0.id == id }
  }

  /// Removes the checks that `condition` holds for.
  mutating func remove(where condition: (ICETransaction) -> Bool) {
    all.removeAll(where: condition)
  }

  /// Stops sending the checks that `condition` holds for.
  mutating func cancel(where condition: (ICETransaction) -> Bool) {
    for index in all.indices where condition(all[index]) { all[index].isCancelled = true }
  }

  /// Whether a check of this pair is undecided.
  func isUnderWay(_ pair: Int, _ purpose: ICETransaction.Purpose) -> Bool {
    all.contains { $0.pair == pair && $0.purpose == purpose && !$0.isCancelled }
  }

  /// When a check of this pair, of any purpose, was last sent.
  func lastSent(_ pair: Int) -> Timestamp? {
    all.lazy.filter { $0.pair == pair }.map(\.lastSent).max()
  }

  /// Takes out every check that is due, in the order of their times.
  mutating func takeDue(_ now: Timestamp) -> [ICETransaction] {
    guard let deadline, deadline <= now else { return [] }
    let due = all.filter { $0.due <= now }.sorted { $0.due < $1.due }
    all.removeAll { $0.due <= now }
    return due
  }
}

/// The datagrams that wait for the caller, first in, first out, bounded.
struct ICEOutbox: Sendable {
  private var waiting: [(datagram: [UInt8], path: Transmit)] = []
  private var head = 0
  private let limit: Int

  init(limit: Int) {
    self.limit = max(1, limit)
  }

  /// Appends a datagram; `false` when there is no room.
  mutating func append(_ datagram: [UInt8], path: Transmit) -> Bool {
    guard waiting.count - head < limit else { return false }
    if head >= limit {
      waiting.removeFirst(head)
      head = 0
    }
    waiting.append((datagram, path))
    return true
  }

  /// Takes the oldest datagram.
  mutating func next() -> (datagram: [UInt8], path: Transmit)? {
    guard head < waiting.count else { return nil }
    let result = waiting[head]
    head += 1
    if head == waiting.count { removeAll() }
    return result
  }

  /// Forgets everything.
  mutating func removeAll() {
    waiting.removeAll(keepingCapacity: true)
    head = 0
  }
}
