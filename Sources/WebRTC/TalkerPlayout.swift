// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import Codecs
internal import MediaTypes
internal import Sound
internal import Wire

/// One talker's sound on the loudspeaker's thread: packets as they come in, samples at the card's pace out.
///
/// One channel. After the beginning nothing is allocated.
struct TalkerPlayout: ~Copyable {
  /// What a talker's sound has come to.
  struct Reading: Hashable, Sendable {
    var statistics = JitterBufferStatistics()
    /// How long packets are to wait at present.
    var targetDelay = Duration.zero
    /// The mean square of the samples played last.
    var power = 0.0
    /// Packets that cannot be decoded.
    var malformed: UInt64 = 0
    /// How much faster than told the sender's clock runs, in parts in a million.
    var drift = 0.0
  }

  private var buffer = JitterBuffer()
  private var speed = PlayoutSpeed(
    clockRate: SoundBlock.frameRate,
    cardRate: SoundBlock.frameRate
  )
  private var decoder: SoundDecoder
  private var resampler: Resampler
  /// What was decoded, of which the samples from `place` to `end` are still to be resampled.
  private var decoded = [Int16](repeating: 0, count: SoundDecoder.maximumFrames)
  private var place = 0
  private var end = 0
  /// What was resampled, of which the first `ready` samples are still to be played.
  private var resampled = [Int16](repeating: 0, count: 2 * SoundThread.blockFrames)
  private var ready = 0
  private var piece = [Int16](repeating: 0, count: SoundThread.blockFrames)
  private var malformed: UInt64 = 0
  private var power = 0.0

  /// Opens decoder and resampler; `nil` without memory.
  init?() {
    guard
      let resampler = Resampler(
        channels: 1,
        from: SoundBlock.frameRate,
        to: SoundBlock.frameRate
      )
    else { return nil }
    do throws(CodecError) {
      decoder = try SoundDecoder()
    } catch {
      return nil
    }
    self.resampler = resampler
  }

  var reading: Reading {
    Reading(
      statistics: buffer.statistics,
      targetDelay: buffer.targetDelay,
      power: power,
      malformed: malformed,
      drift: speed.senderDrift
    )
  }

  /// Takes a packet that arrived at `now`.
  mutating func insert(_ packet: EncodedAudio, at now: Timestamp) {
    guard let ticks = SoundDecoder.frameCount(of: packet) else {
      malformed &+= 1
      return
    }
    let hasCopies = packet.codec == .opus
    if buffer.configuration.hasForwardErrorCorrection != hasCopies {
      var configuration = buffer.configuration
      configuration.hasForwardErrorCorrection = hasCopies
      buffer = JitterBuffer(configuration)
    }
    var packet = packet
    // What is played has one clock, whatever the packets have.
    packet.timestamp &*= Int64(SoundBlock.frameRate / packet.codec.clockRate)
    speed.receive(timestamp: packet.timestamp, at: now)
    buffer.insert(packet, ticks: ticks, at: now)
  }

  /// Fills `output` with what is to be heard next, where the card has played `frames` frames at `now`.
  mutating func pull(into output: inout [Int16], played frames: UInt64, at now: Timestamp) {
    if speed.play(
      frames: Int64(truncatingIfNeeded: frames),
      deviation: buffer.deviation,
      at: now
    ) {
      resampler.setSpeed(speed.speed)
    }
    let count = min(output.count, SoundThread.blockFrames)
    while ready < count {
      if place == end { decodeNext(waiting: ready + resampler.delay, at: now) }
      guard resampleNext() else { break }
    }
    var sum = 0.0
    for index in 0..<count {
      let sample = index < ready ? resampled[index] : 0
      output[index] = sample
      sum += Double(sample) * Double(sample)
    }
    power = sum / Double(max(1, count))
    // What is over comes first the next time.
    let rest = max(0, ready - count)
    for index in 0..<rest { resampled[index] = resampled[count + index] }
    ready = rest
  }

  /// Decodes, or makes up, what follows; at least one sample.
  private mutating func decodeNext(waiting: Int, at now: Timestamp) {
    place = 0
    var samples: [Int16] = []
    swap(&samples, &decoded)
    defer { swap(&samples, &decoded) }
    var span = samples.mutableSpan
    let count: Int?
    switch buffer.next(waiting: waiting, at: now) {
    case .decode(let packet, let ticks):
      end = min(ticks, span.count)
      var decoded = decoder.decode(packet, into: &span)
      if decoded != end {
        malformed &+= 1
        decoded = decoder.conceal(frames: end, into: &span)
      }
      count = decoded
    case .recover(let packet, let ticks):
      end = min(ticks, span.count)
      count = decoder.recover(before: packet, frames: end, into: &span)
    case .conceal(let ticks), .comfortNoise(let ticks):
      end = min(ticks, span.count)
      count = decoder.conceal(frames: end, into: &span)
    case .silence(let ticks):
      end = min(ticks, span.count)
      count = nil
    }
    guard count != end else { return }
    for index in 0..<end { span[index] = 0 }
  }

  /// Resamples what fits of what was decoded; `false` where nothing more moves.
  private mutating func resampleNext() -> Bool {
    var samples: [Int16] = []
    swap(&samples, &piece)
    defer { swap(&samples, &piece) }
    let source = decoded
    var span = samples.mutableSpan
    let moved = resampler.resample(source.span.extracting(place..<end), into: &span)
    for index in 0..<moved.written { resampled[ready + index] = span[index] }
    place += moved.read
    ready += moved.written
    return moved.read > 0 || moved.written > 0
  }
}
