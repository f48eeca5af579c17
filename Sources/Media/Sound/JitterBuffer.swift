// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// Takes encoded audio as the network brings it, and tells at an even pace what is to be played.
///
/// Call `insert` for each packet as it comes, in whatever order, and `next` whenever fewer decoded
/// samples wait than the loudspeaker takes next. How long packets wait follows the network: one in a
/// hundred may come too late. `deviation` tells how far the sound is from that delay, for whoever
/// plays a little faster or slower. After the first packet nothing is allocated.
public struct JitterBuffer: Sendable {
  /// What codec and policy decide.
  public struct Configuration: Hashable, Sendable {
    /// Ticks of the timestamps in a second, 8,000 to 192,000.
    public var clockRate = 48_000
    /// The least time between the fastest packet's arrival and its sound.
    public var minimumDelay: Duration = .milliseconds(20)
    /// The most that the delay grows to by itself.
    public var maximumDelay: Duration = .milliseconds(500)
    /// What is made up at a time; decoders of Opus take multiples of 2.5 ms.
    public var step: Duration = .milliseconds(10)
    /// How long a decoder makes up sound before it turns to noise.
    public var longestConcealment: Duration = .milliseconds(120)
    /// Whether a packet may hold a copy of the one before it (RFC 6716 section 2.1.7).
    public var hasForwardErrorCorrection = true

    /// Creates a configuration for Opus.
    public init() {}
  }

  /// What is to be played next, in ticks of the codec's clock.
  public enum Playout: Hashable, Sendable {
    /// What the packet holds.
    case decode(EncodedAudio, ticks: Int)
    /// The packet before this one, from the copy that this one may hold; it stays for later.
    case recover(from: EncodedAudio, ticks: Int)
    /// Something like what was before: the decoder makes it up.
    case conceal(ticks: Int)
    /// The noise of a room in which nobody speaks.
    case comfortNoise(ticks: Int)
    /// Nothing: no stream is there, or it has not begun.
    case silence(ticks: Int)
  }

  /// A packet that waits to be played.
  struct Stored: Sendable {
    var audio: EncodedAudio
    var ticks: Int
    var arrived: Timestamp
  }

  /// Where playing is.
  struct Position: Sendable {
    /// The timestamp that is due next.
    var timestamp: Int64
    /// Ticks that were made up since.
    var filled = 0
    /// Whether the sender has said by an empty packet that nobody speaks (RFC 6716 section 3.1).
    var isQuiet = false
    /// Whether the last sound was made up.
    var isConcealing = false
  }

  /// Packets that may wait: more than two seconds of the usual 20 ms.
  static let capacity = 128
  /// A sequence that moves by more is another one.
  private static let longestGap: UInt64 = 1_000

  /// The configuration given at the beginning.
  public let configuration: Configuration
  /// What has been taken and given so far.
  public internal(set) var statistics = JitterBufferStatistics()
  /// How much later than wanted the sound is played; negative when it is too early.
  public internal(set) var deviation: Duration = .zero

  /// Where playing is; `nil` when no stream is being played.
  var position: Position?
  var estimator: DelayEstimator
  /// The number of the packet that is to be played next, and the highest that has come.
  var head: UInt64 = 0
  private var highest: UInt64?
  /// Which of the 64 packets before `head` have come; the nearest is bit 0.
  private var past: UInt64 = 0
  private var suspect: UInt64?
  private var slots = [Stored?](repeating: nil, count: Self.capacity)
  private(set) var count = 0

  /// Creates an empty buffer.
  public init(_ configuration: Configuration = .init()) {
    var configuration = configuration
    configuration.clockRate = max(8_000, min(configuration.clockRate, 192_000))
    configuration.step = max(.microseconds(2_500), min(configuration.step, .milliseconds(60)))
    self.configuration = configuration
    estimator = DelayEstimator(
      ticksPerSecond: Int64(configuration.clockRate),
      minimum: max(.zero, configuration.minimumDelay),
      maximum: configuration.maximumDelay,
      step: configuration.step
    )
  }

  /// How long packets are to wait at present, from the fastest one's arrival to its sound.
  public var targetDelay: Duration { estimator.target }

  /// Packets that wait.
  public var packets: Int { count }

  /// Takes a packet with `ticks` ticks of sound, at most 120 ms, that arrived at `now`.
  ///
  /// Repeated, late and strange ones are dropped and counted. A sequence or a clock that jumps is
  /// believed from its second packet on, and what waits is dropped.
  public mutating func insert(_ packet: EncodedAudio, ticks: Int, at now: Timestamp) {
    guard ticks > 0, ticks <= configuration.clockRate * 12 / 100 else {
      statistics.packetsDiscarded &+= 1
      return
    }
    if let highest {
      let distance = Int64(bitPattern: packet.number &- highest)
      if distance.magnitude > Self.longestGap || estimator.isStranger(packet.timestamp, at: now) {
        guard suspect == packet.number &- 1 else {
          suspect = packet.number
          statistics.packetsDiscarded &+= 1
          return
        }
        restart()
      }
    }
    suspect = nil
    store(Stored(audio: packet, ticks: ticks, arrived: now))
  }

  /// Drops what waits and everything known of the stream, not of the network: another one follows.
  public mutating func reset() {
    statistics.packetsDiscarded &+= UInt64(count)
    for index in slots.indices { slots[index] = nil }
    count = 0
    past = 0
    highest = nil
    position = nil
    suspect = nil
    deviation = .zero
    estimator.reset()
  }

  private mutating func restart() {
    statistics.restarts &+= 1
    reset()
  }

  private mutating func store(_ packet: Stored) {
    let number = packet.audio.number
    if let highest {
      let before = head &- number
      // Until playing begins, packets may come before the first.
      let isEarlier = position == nil && before < 64 && highest &- number < UInt64(Self.capacity)
      if number < head, !isEarlier {
        recordLate(before, packet)
        return
      }
      if number < head { head = number }
    } else {
      head = number
    }
    if number &- head >= UInt64(Self.capacity) {
      drop(before: number &- UInt64(Self.capacity) &+ 1)
    }
    guard slots[slot(number)] == nil else {
      statistics.packetsDuplicated &+= 1
      return
    }
    estimator.observe(packet.audio.timestamp, at: packet.arrived)
    highest = max(highest ?? number, number)
    slots[slot(number)] = packet
    count += 1
  }

  private mutating func recordLate(_ before: UInt64, _ packet: Stored) {
    let bit: UInt64 = before <= 64 ? 1 << (before &- 1) : 0
    guard past & bit == 0 else {
      statistics.packetsDuplicated &+= 1
      return
    }
    past |= bit
    statistics.packetsDiscarded &+= 1
    // What came too late tells how long to wait.
    estimator.observe(packet.audio.timestamp, at: packet.arrived)
  }

  private mutating func drop(before number: UInt64) {
    while head < number, count > 0, let first {
      guard first.audio.number < number else { break }
      remove(first)
      statistics.packetsDiscarded &+= 1
    }
    advance(to: number)
  }

  /// The waiting packet of the lowest number.
  var first: Stored? {
    guard count > 0 else { return nil }
    for distance in 0..<UInt64(Self.capacity) {
      if let stored = slots[slot(head &+ distance)] { return stored }
    }
    return nil
  }

  /// Takes `packet` out of the buffer; those before it are given up.
  mutating func remove(_ packet: Stored) {
    let number = packet.audio.number
    slots[slot(number)] = nil
    count -= 1
    advance(to: number)
    past = past << 1 | 1
    head = number &+ 1
  }

  /// Gives up the packets before `number`.
  mutating func advance(to number: UInt64) {
    let skipped = number &- head
    past = skipped < 64 ? past << skipped : 0
    head = number
  }

  private func slot(_ number: UInt64) -> Int {
    Int(truncatingIfNeeded: number) & (Self.capacity - 1)
  }
}
