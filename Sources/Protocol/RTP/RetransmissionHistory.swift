// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// What has been sent lately: for each packet the frame and how to cut the packet from it again.
///
/// A ring without any packet bytes, 48 bytes for a packet. A viewer costs the ring, which doubles up
/// to its limit while packets are sent faster than they are forgotten; frames are shared by all
/// viewers and let go once they are older than the memory lasts.
struct RetransmissionHistory: Sendable {
  /// One packet that was sent.
  struct Entry: Sendable {
    /// What it was cut from.
    var frame: EncodedFrame
    /// When it was sent first.
    var sent: Timestamp
    /// When it was sent again for the last time; `distantPast` if never.
    var repeated = Timestamp.distantPast
    /// The frame's time on the wire.
    var timestamp: RTPTime
    /// Which part of the frame it carries.
    var piece: H264Packetizer.Piece
    /// Whether it was the frame's last packet.
    var marker: Bool
    /// Whether the header was followed by extension elements.
    var hasExtensions: Bool
    /// What they said: a packet must never be sent again with other bytes.
    var playoutDelay: PlayoutDelay
    /// Whether it waits to be sent again.
    var isRequested = false
  }

  /// Packets remembered at most.
  ///
  /// Sizes divide 65,536, so that the ring goes on when numbers wrap.
  static let capacity = 1024
  private static let firstCapacity = 128

  private let memory: Duration
  private var entries: [Entry?]
  private var first = SequenceNumber(rawValue: 0)
  private var count = 0

  /// Creates an empty ring that remembers each packet for `memory` at most.
  ///
  /// Without a `memory` above zero the ring takes no space and remembers nothing.
  init(memory: Duration) {
    self.memory = memory
    entries = memory > .zero ? Array(repeating: nil, count: Self.firstCapacity) : []
  }

  /// The packet with this number, if it is remembered.
  subscript(_ number: SequenceNumber) -> Entry? {
    guard contains(number) else { return nil }
    return entries[index(number)]
  }

  /// Remembers the packet `number`, which must follow the one remembered last.
  mutating func append(_ entry: Entry, _ number: SequenceNumber) {
    guard !entries.isEmpty else { return }
    expire(at: entry.sent)
    if count == Self.capacity { removeFirst() }
    if count == entries.count { grow() }
    if count == 0 { first = number }
    entries[index(number)] = entry
    count += 1
  }

  /// Forgets what is older than the memory lasts.
  mutating func expire(at now: Timestamp) {
    let oldest = now - memory
    while count > 0, let sent = entries[index(first)]?.sent, sent < oldest {
      removeFirst()
    }
  }

  /// Forgets everything.
  mutating func removeAll() {
    while count > 0 { removeFirst() }
  }

  /// Marks the packet as waiting to be sent again, or not.
  mutating func setRequested(_ isRequested: Bool, _ number: SequenceNumber) {
    guard contains(number) else { return }
    entries[index(number)]?.isRequested = isRequested
  }

  /// Notes that the packet was sent again at `now`.
  mutating func setRepeated(_ number: SequenceNumber, at now: Timestamp) {
    guard contains(number) else { return }
    entries[index(number)]?.repeated = now
    entries[index(number)]?.isRequested = false
  }

  private func contains(_ number: SequenceNumber) -> Bool {
    Int(number.distance(after: first)) < count
  }

  private mutating func removeFirst() {
    entries[index(first)] = nil
    first = first.next
    count -= 1
  }

  private mutating func grow() {
    var larger = [Entry?](repeating: nil, count: entries.count * 2)
    for step in 0..<count {
      let number = first + UInt16(truncatingIfNeeded: step)
      larger[Int(number.rawValue) & (larger.count - 1)] = entries[index(number)]
    }
    entries = larger
  }

  private func index(_ number: SequenceNumber) -> Int {
    Int(number.rawValue) & (entries.count - 1)
  }
}
