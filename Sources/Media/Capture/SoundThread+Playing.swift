// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Synchronization
internal import Wire

/// Everything here runs on the card's thread.
extension SoundThread {
  /// Opens the card and moves sound until told to stop.
  func play() throws(SoundError) {
    var block = SoundBlock(frameCount: Self.blockFrames, channelCount: channelCount)
    switch (selection, work) {
    case (.none, _): _ = wake.wait(until: nil)
    case (.test, .capture(let deliver)), (.clock, .capture(let deliver)):
      playTone(&block, deliver)
    case (.test, .playback(let fill)), (.clock, .playback(let fill)): measure(&block, fill)
    case (.device(let name), .capture(let deliver)): try capture(name, &block, deliver)
    case (.device(let name), .playback(let fill)): try playback(name, &block, fill)
    }
  }

  private func playTone(_ block: inout SoundBlock, _ deliver: (SoundBlock) -> Void) {
    var meter = SoundMeter()
    var tone = TestTone(at: MediaClock.now, isClock: selection == .clock)
    note(openedWith: SoundStream.Latency(period: Self.blockFrames, buffer: 0, isConverted: false))
    while wake.wait(until: tone.due(block.frameCount)) == .timeout {
      tone.read(into: &block, at: MediaClock.now)
      count(block, &meter)
      deliver(block)
    }
  }

  private func measure(_ block: inout SoundBlock, _ fill: (inout SoundBlock) -> Void) {
    var meter = SoundMeter()
    // Its clock, and so its gaps, are those of the tone.
    var clock = TestTone(at: MediaClock.now)
    note(openedWith: SoundStream.Latency(period: Self.blockFrames, buffer: 0, isConverted: false))
    while wake.wait(until: clock.due(block.frameCount)) == .timeout {
      clock.read(into: &block, at: MediaClock.now)
      block.time = MediaClock.now
      block.silence()
      fill(&block)
      count(block, &meter)
    }
  }

  private func capture(
    _ name: String,
    _ block: inout SoundBlock,
    _ deliver: (SoundBlock) -> Void
  ) throws(SoundError) {
    // Time enough to lose nothing while the encoder, or the machine, is busy with something else.
    var stream = try SoundStream(
      name,
      .capture,
      channelCount: channelCount,
      period: Self.blockFrames,
      buffer: 20 * Self.blockFrames
    )
    note(openedWith: stream.latency)
    var meter = SoundMeter()
    var isSilent = false
    clock.withLock { $0.noteGap() }
    while try move(&stream, { stream throws(SoundError) in try stream.read(into: &block) }) {
      if block.time == .distantPast {
        counted.withLock { $0.undated &+= 1 }
        block.time = MediaClock.now - SoundBlock.duration(of: block.frameCount)
      }
      clock.withLock { $0.place(&block) }
      count(block, &meter)
      deliver(block)
      isSilent = meter.silentFrames >= (isSilent ? 1 : Self.silence)
      tell(isSilent ? .silent : .started)
    }
  }

  private func playback(
    _ name: String,
    _ block: inout SoundBlock,
    _ fill: (inout SoundBlock) -> Void
  ) throws(SoundError) {
    // What lies in front of the loudspeaker is delay: as little as the card's own period allows.
    var stream = try SoundStream(
      name,
      .playback,
      channelCount: channelCount,
      period: Self.blockFrames,
      buffer: 4 * Self.blockFrames
    )
    note(openedWith: stream.latency)
    var meter = SoundMeter()
    var position = statistics.frames
    var delay = 0
    while true {
      let frames = block.frameCount
      let isGoing = try move(&stream) { stream throws(SoundError) in
        let room = try stream.room(for: frames)
        delay = room.delay
        return room.outcome
      }
      guard isGoing else { return }
      block.silence()
      block.position = position
      block.time = MediaClock.now + SoundBlock.duration(of: delay)
      fill(&block)
      guard try stream.write(block) == .done else {
        counted.withLock { $0.interruptions &+= 1 }
        continue
      }
      position &+= UInt64(frames)
      count(block, &meter)
      tell(.started)
    }
  }

  /// Tries `step`, waiting for the card in between, until it is done: `true`; or until told to stop.
  private func move(
    _ stream: inout SoundStream,
    _ step: (inout SoundStream) throws(SoundError) -> SoundStream.Outcome
  ) throws(SoundError) -> Bool {
    var deadline = MediaClock.now + Self.patience
    var isReady = false
    while true {
      guard !wake.isSignalled else { return false }
      switch try step(&stream) {
      case .done: return true
      case .interrupted:
        counted.withLock { $0.interruptions &+= 1 }
        clock.withLock { $0.noteGap() }
        _ = wake.wait(until: MediaClock.now + .milliseconds(1))
      case .notYet:
        // A card that says it is ready, and is not quite, is not asked without end.
        if isReady { _ = wake.wait(until: MediaClock.now + .milliseconds(1)) }
        if MediaClock.now >= deadline {
          tell(.stalled)
          deadline = MediaClock.now + Self.patience
        }
        switch stream.wait(until: deadline, wake: wake) {
        case .woken: return false
        case .broken:
          throw SoundError(
            direction,
            stream.name,
            .deviceFailed(step: "be waited for", reason: "its descriptors are broken")
          )
        case .ready: isReady = true
        case .timeout: isReady = false
        }
      }
    }
  }

  private func note(openedWith latency: SoundStream.Latency) {
    counted.withLock { counted in
      counted.openings &+= 1
      counted.period = latency.period
      counted.buffer = latency.buffer
    }
    if selection == .test || selection == .clock { tell(.started) }
  }

  private func count(_ block: SoundBlock, _ meter: inout SoundMeter) {
    meter.hear(block)
    let (reading, onset) = (meter.reading, meter.onset)
    counted.withLock { counted in
      counted.frames &+= UInt64(block.frameCount)
      counted.reading = reading
      counted.onset = onset
    }
  }
}

extension SoundBlock {
  /// Makes every sample 0.
  mutating func silence() {
    var samples = samples.mutableSpan
    for index in samples.indices { samples[index] = 0 }
  }
}

extension SoundError {
  /// What this means of a device that could be opened once: one that is missing was unplugged.
  var sinceOpening: SoundError {
    reason == .deviceMissing ? SoundError(direction, name, .deviceGone) : self
  }
}
