// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
public import Wire

extension JitterBuffer {
  /// A stream from which nothing comes for so long has ended, or rests.
  private static let rest: Duration = .seconds(1)
  /// How much later than wanted a packet may be played: in the midst of sound, and where sound has
  /// stopped anyway.
  private static let tolerance: (playing: Duration, resuming: Duration) = (
    .milliseconds(200), .milliseconds(40)
  )
  /// The same for a packet that says that nobody speaks.
  private static let quietTolerance: Duration = .milliseconds(20)
  /// Bytes of a packet of Opus without sound: the TOC byte, and one of padding or of a count.
  private static let emptyPacket = 2

  /// What is to be played next, where `waiting` ticks that were decoded are still to be played.
  public mutating func next(waiting: Int, at now: Timestamp) -> Playout {
    let start = now + duration(max(0, min(waiting, configuration.clockRate)))
    leaveOut(startingAt: start)
    guard let position else { return begin(startingAt: start, at: now) }
    guard let first else { return starve(position) }
    let gap = first.audio.timestamp &- position.timestamp
    let isWhole = first.audio.number == head
    guard gap > Int64(position.filled) else { return play(first, startingAt: start, at: now) }
    let remaining = gap &- Int64(position.filled)
    // Timestamps that go on after a while were not sent in between; so it is taken when much is lost.
    if isWhole || remaining > Int64(ticks(configuration.longestConcealment)) {
      guard wait(for: first, startingAt: start) >= configuration.step / 2 else {
        return play(first, startingAt: start, at: now)
      }
      return isWhole ? restQuietly(position) : starve(position)
    }
    let missing = Int(remaining)
    // Where packets come later than they used to, what is missing may still come.
    if wait(for: first, startingAt: start) - duration(missing) >= configuration.step {
      recordConcealment(step)
      return .conceal(ticks: step)
    }
    return replace(missing, before: first)
  }

  /// Makes good, or makes up, some of the `missing` ticks before `packet`, which waits.
  private mutating func replace(_ missing: Int, before packet: Stored) -> Playout {
    let isCopied = missing >= packet.ticks && missing < packet.ticks + step
    if configuration.hasForwardErrorCorrection, isCopied {
      settle(before: packet)
      statistics.packetsRecovered &+= 1
      statistics.totalSamplesReceived &+= UInt64(missing)
      return .recover(from: packet.audio, ticks: missing)
    }
    // In whole quarters of a step, which decoders take.
    let quarter = max(1, step / 4)
    let ticks = min(step, (missing + quarter - 1) / quarter * quarter)
    defer { if ticks >= missing { settle(before: packet) } }
    return conceal(ticks)
  }

  /// Gives up what is missing before `packet`: something else has been played in its place.
  private mutating func settle(before packet: Stored) {
    position?.timestamp = packet.audio.timestamp
    position?.filled = 0
    advance(to: packet.audio.number)
  }

  private var step: Int { ticks(configuration.step) }

  private mutating func begin(startingAt start: Timestamp, at now: Timestamp) -> Playout {
    guard let first else { return .silence(ticks: step) }
    let wait = wait(for: first, startingAt: start)
    guard wait <= .zero else { return .silence(ticks: max(1, min(step, ticks(wait)))) }
    position = Position(timestamp: first.audio.timestamp)
    return play(first, startingAt: start, at: now)
  }

  /// How long until `packet` is to be played.
  private func wait(for packet: Stored, startingAt start: Timestamp) -> Duration {
    guard let earliest = estimator.earliest(packet.audio.timestamp) else { return .zero }
    return earliest + targetDelay - start
  }

  /// Leaves out packets whose time is long past, where others follow.
  private mutating func leaveOut(startingAt start: Timestamp) {
    let filled = duration(position?.filled ?? 0)
    let isResuming = position == nil || filled >= configuration.longestConcealment
    while count > 1, let first {
      let isEmpty = first.audio.bytes.count <= Self.emptyPacket
      var limit = isResuming ? Self.tolerance.resuming : Self.tolerance.playing
      if isEmpty { limit = Self.quietTolerance }
      guard wait(for: first, startingAt: start) < .zero - limit else { return }
      remove(first)
      position?.timestamp = first.audio.timestamp &+ Int64(first.ticks)
      statistics.removedSamplesForAcceleration &+= UInt64(first.ticks)
      if !isEmpty { statistics.packetsDiscarded &+= 1 }
    }
  }

  private mutating func play(
    _ packet: Stored,
    startingAt start: Timestamp,
    at now: Timestamp
  ) -> Playout {
    remove(packet)
    deviation = .zero - wait(for: packet, startingAt: start)
    position = Position(
      timestamp: packet.audio.timestamp &+ Int64(packet.ticks),
      isQuiet: packet.audio.bytes.count <= Self.emptyPacket
    )
    let count = UInt64(packet.ticks)
    statistics.totalSamplesReceived &+= count
    statistics.jitterBufferEmittedCount &+= count
    // Both are durations of one sample after the other: bounded, as is the count.
    let waited = max(.zero, min(now - packet.arrived, .seconds(10)))
    statistics.jitterBufferDelay += waited * packet.ticks
    statistics.jitterBufferTargetDelay += targetDelay * packet.ticks
    return .decode(packet.audio, ticks: packet.ticks)
  }

  /// Nothing has come that could be played.
  private mutating func starve(_ position: Position) -> Playout {
    let filled = duration(position.filled)
    guard filled < Self.rest else {
      self.position = nil
      return .silence(ticks: step)
    }
    if position.isQuiet { return restQuietly(position) }
    guard filled >= configuration.longestConcealment else { return conceal(step) }
    fill(step)
    recordConcealment(step)
    statistics.silentConcealedSamples &+= UInt64(step)
    return .comfortNoise(ticks: step)
  }

  private mutating func restQuietly(_ position: Position) -> Playout {
    fill(step)
    statistics.totalSamplesReceived &+= UInt64(step)
    return .comfortNoise(ticks: step)
  }

  private mutating func conceal(_ ticks: Int) -> Playout {
    fill(ticks)
    recordConcealment(ticks)
    return .conceal(ticks: ticks)
  }

  private mutating func fill(_ ticks: Int) {
    position?.filled += ticks
  }

  private mutating func recordConcealment(_ ticks: Int) {
    if position?.isConcealing == false { statistics.concealmentEvents &+= 1 }
    position?.isConcealing = true
    statistics.totalSamplesReceived &+= UInt64(ticks)
    statistics.concealedSamples &+= UInt64(ticks)
  }

  private func ticks(_ duration: Duration) -> Int {
    let nanoseconds = max(0, min(duration.inNanoseconds, 60_000_000_000))
    return Int(nanoseconds * Int64(configuration.clockRate) / 1_000_000_000)
  }

  private func duration(_ ticks: Int) -> Duration {
    .nanoseconds(Int64(ticks) * 1_000_000_000 / Int64(configuration.clockRate))
  }
}
