// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// One direction of a network on virtual time: late, lossy, narrow and forgetful, repeatable by its seed.
///
/// Datagrams keep their order unless the weather reorders them. Use two links for a way and back.
public struct Link: Sendable {
  /// Datagrams that arrived or did not.
  public struct Statistics: Hashable, Sendable {
    /// Datagrams handed in.
    public var sent = 0
    /// Datagrams handed out, copies included.
    public var delivered = 0
    /// Datagrams lost by chance or while the link was down.
    public var lost = 0
    /// Datagrams dropped because the queue was full.
    public var overflowed = 0
    /// Datagrams dropped because they were longer than the MTU.
    public var oversized = 0
    /// Copies made.
    public var duplicated = 0
    /// Datagrams held back so that later ones overtook them.
    public var reordered = 0
  }

  private struct Flight: Sendable {
    let arrival: Timestamp
    let bytes: [UInt8]
    let tag: Transmit
  }

  /// How the link behaves from now on; datagrams under way are not affected.
  public var weather: Weather
  /// What has been counted.
  public private(set) var statistics = Statistics()

  private var random: RandomSource
  /// Under way, the next to arrive last.
  private var flights: [Flight] = []
  private var isBursting = false
  private var busyUntil = Timestamp.distantPast
  private var lastArrival = Timestamp.distantPast

  /// Creates a link with nothing under way.
  public init(_ weather: Weather, seed: UInt64) {
    self.weather = weather
    random = .seeded(seed)
  }

  /// Hands a datagram to the link; it may never arrive, or twice.
  public mutating func send(_ datagram: [UInt8], tag: Transmit, at now: Timestamp) {
    statistics.sent += 1
    guard datagram.count <= weather.mtu else {
      statistics.oversized += 1
      return
    }
    guard let departure = departure(of: datagram.count, at: now) else {
      statistics.overflowed += 1
      return
    }
    guard !isLost() else {
      statistics.lost += 1
      return
    }
    launch(datagram, tag, from: departure)
    guard happens(weather.duplication) else { return }
    statistics.duplicated += 1
    launch(datagram, tag, from: departure)
  }

  /// When the next datagram arrives.
  public var deadline: Timestamp? {
    flights.last?.arrival
  }

  /// Takes the next datagram that has arrived by `now`.
  public mutating func receive(at now: Timestamp) -> (bytes: [UInt8], tag: Transmit)? {
    guard let next = flights.last, next.arrival <= now else { return nil }
    flights.removeLast()
    statistics.delivered += 1
    return (next.bytes, next.tag)
  }

  /// When the last bit has left the queue; `nil` when the queue has no room.
  private mutating func departure(of size: Int, at now: Timestamp) -> Timestamp? {
    guard let rate = weather.rate, rate.bitsPerSecond > 0 else { return now }
    let start = max(now, busyUntil)
    let queued = (start - now).inSeconds * Double(rate.bitsPerSecond) / 8
    guard queued + Double(size) <= Double(weather.queueLimit) else { return nil }
    let nanoseconds = Double(size) * 8e9 / Double(rate.bitsPerSecond)
    busyUntil = start + .nanoseconds(Int64(nanoseconds.rounded()))
    return busyUntil
  }

  private mutating func isLost() -> Bool {
    guard !weather.isDown else { return true }
    if let bursts = weather.bursts {
      isBursting = isBursting ? !happens(bursts.end) : happens(bursts.begin)
      if isBursting, happens(bursts.loss) { return true }
    }
    return happens(weather.loss)
  }

  private mutating func launch(_ datagram: [UInt8], _ tag: Transmit, from departure: Timestamp) {
    var arrival = departure + weather.latency
    if weather.jitter > .zero {
      let nanoseconds = Int64.random(in: 0...weather.jitter.inNanoseconds, using: &random)
      arrival += .nanoseconds(nanoseconds)
    }
    if happens(weather.reordering) {
      statistics.reordered += 1
      arrival += weather.reorderingDelay
    } else {
      arrival = max(arrival, lastArrival)
      lastArrival = arrival
    }
    let flight = Flight(arrival: arrival, bytes: datagram, tag: tag)
    // Behind those of the same time, which were sent before.
    var low = 0
    var high = flights.count
    while low < high {
      let middle = (low + high) / 2
      if flights[middle].arrival > arrival { low = middle + 1 } else { high = middle }
    }
    flights.insert(flight, at: low)
  }

  private mutating func happens(_ probability: Double) -> Bool {
    guard probability > 0 else { return false }
    return Double.random(in: 0..<1, using: &random) < probability
  }
}

extension Link {
  /// How a link treats its datagrams.
  public struct Weather: Hashable, Sendable {
    /// Losses that come in rows, after Gilbert and Elliott.
    public struct Bursts: Hashable, Sendable {
      /// The chance that a row begins with this datagram.
      public var begin: Double
      /// The chance that a row has ended before this datagram.
      public var end: Double
      /// The chance that a datagram is lost inside a row.
      public var loss: Double

      /// Creates bursts with these chances, each 0…1.
      public init(begin: Double, end: Double, loss: Double) {
        self.begin = begin
        self.end = end
        self.loss = loss
      }
    }

    /// The time from departure to arrival.
    public var latency: Duration
    /// Each datagram is up to this much later, evenly; order is kept.
    public var jitter: Duration
    /// The chance that a datagram is lost, 0…1.
    public var loss: Double
    /// Losses in rows, besides `loss`.
    public var bursts: Bursts?
    /// The chance that a datagram arrives twice, 0…1.
    public var duplication: Double
    /// The chance that a datagram is held back, so that later ones overtake it, 0…1.
    public var reordering: Double
    /// How long such a datagram is held back.
    public var reorderingDelay: Duration
    /// How fast the queue empties; `nil`: at once.
    public var rate: Bitrate?
    /// Most bytes in the queue; only counts where there is a rate.
    public var queueLimit: Int
    /// The longest datagram that passes, in bytes of UDP payload.
    public var mtu: Int
    /// Nothing passes.
    public var isDown = false

    /// Creates weather; without arguments a good local network.
    public init(
      latency: Duration = .milliseconds(1),
      jitter: Duration = .zero,
      loss: Double = 0,
      bursts: Bursts? = nil,
      duplication: Double = 0,
      reordering: Double = 0,
      reorderingDelay: Duration = .milliseconds(20),
      rate: Bitrate? = nil,
      queueLimit: Int = 256 * 1_024,
      mtu: Int = 1_472
    ) {
      self.latency = latency
      self.jitter = jitter
      self.loss = loss
      self.bursts = bursts
      self.duplication = duplication
      self.reordering = reordering
      self.reorderingDelay = reorderingDelay
      self.rate = rate
      self.queueLimit = queueLimit
      self.mtu = mtu
    }
  }
}
