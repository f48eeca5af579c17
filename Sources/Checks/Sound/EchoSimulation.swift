// SPDX-License-Identifier: Apache-2.0
private import Glibc
internal import MediaTypes
internal import Sound
internal import Wire

/// A loudspeaker and a microphone of two cards with clocks of their own, which meet in a room, and what
/// lies between their threads: timestamps that tremble, threads that are late, sound that is lost.
struct EchoSimulation: ~Copyable {
  /// How the cards differ from perfect ones.
  struct Cards {
    /// How much faster than told each clock runs, in parts in a million.
    var speaker = 0.0
    var microphone = 0.0
    /// By how much each told time is wrong at most.
    var trembling: Duration = .zero
  }

  /// What a stretch of time came to.
  struct Stretch {
    var near: [Int16] = []
    var captured: [Int16] = []
    var output: [Int16] = []
  }

  private static let rate = 48_000
  private static let step = 480
  /// How long what is filled waits in front of the loudspeaker.
  private static let waiting = 0.03
  /// Samples of a kernel that tells what lies between two samples, and between how many places it chooses.
  private static let width = 16
  private static let phases = 512

  private(set) var memory: PlayedSound
  private var control: EchoControl
  private let cards: Cards
  private var random: RandomSource
  private var far: SyntheticSpeech
  private var near: SyntheticSpeech
  private var reflections: [(late: Int, gain: Double)] = []
  private let kernels: [[Double]]
  /// What was played since `origin` samples of the loudspeaker, and the room's answer to it.
  private var played: [Int16] = []
  private var echo: [Double] = []
  private var origin = 0
  /// Seconds of true time at which the next block of each card begins, and where the microphone is.
  private var speakerTime = 0.0
  private var microphoneTime = 0.0
  private var position: UInt64 = 0
  /// When, in seconds, the sample `origin` is heard.
  private var heard = Self.waiting
  var isPlaying = true

  init?(_ cleaning: SoundCleaning, _ cards: Cards, seed: UInt64, near level: Double = 4_000) {
    guard let control = EchoControl(cleaning) else { return nil }
    self.control = control
    self.cards = cards
    memory = PlayedSound(sampleRate: Self.rate)
    random = .seeded(seed)
    far = SyntheticSpeech(rate: Self.rate, level: 6_000, seed: seed)
    near = SyntheticSpeech(rate: Self.rate, level: level, seed: seed + 100)
    var late = 90
    var gain = 0.42
    while late < 3_000 {
      reflections.append((late, gain * (Bool.random(using: &random) ? 1 : -1)))
      late += .random(in: 60...600, using: &random)
      gain *= 0.7
    }
    kernels = (0..<Self.phases).map { Self.kernel(Double($0) / Double(Self.phases)) }
  }

  /// How late the loudest reflection is, in samples.
  var wayOfEcho: Int { reflections.first?.late ?? 0 }

  /// What is known of the echo.
  var reading: EchoControl.Reading { control.reading }

  /// The loudspeaker is silent for so long, because its thread was late.
  mutating func interruptSpeaker(_ seconds: Double) {
    speakerTime += seconds
    heard += seconds
  }

  /// The microphone loses so many samples.
  mutating func interruptMicrophone(_ samples: Int) {
    position += UInt64(samples)
    microphoneTime += Double(samples) / microphoneRate
  }

  /// Lets `seconds` pass.
  mutating func pass(_ seconds: Double, near isNear: Bool = false) -> Stretch {
    var stretch = Stretch()
    let end = microphoneTime + seconds
    var recalled = [Int16](repeating: 0, count: Self.step)
    while microphoneTime < end {
      let step = Double(Self.step) / microphoneRate
      // The microphone's thread comes for a block when it is complete, or a little later.
      let now = microphoneTime + step + .random(in: 0...0.004, using: &random)
      while speakerTime <= now { fillSpeaker() }
      let speech = isNear ? near.take(Self.step) : [Int16](repeating: 0, count: Self.step)
      var block = (0..<Self.step).map { index in
        let sound = echo(at: microphoneTime + Double(index) / microphoneRate)
        return Int16(max(-32_768, min(Double(speech[index]) + sound, 32_767)))
      }
      stretch.near += speech
      stretch.captured += block
      var played = recalled.mutableSpan
      let recollection = memory.recall(position, from: told(microphoneTime), into: &played)
      var sound = block.mutableSpan
      control.clean(&sound, while: recalled.span, recollection)
      stretch.output += block
      position += UInt64(Self.step)
      microphoneTime += step
    }
    forget()
    return stretch
  }

  private var microphoneRate: Double { Double(Self.rate) * (1 + cards.microphone / 1_000_000) }
  private var speakerRate: Double { Double(Self.rate) * (1 + cards.speaker / 1_000_000) }

  private mutating func told(_ seconds: Double) -> Timestamp {
    let most = cards.trembling.inNanoseconds
    return Timestamp(
      nanoseconds: Int64(seconds * 1e9) + Int64.random(in: -most...most, using: &random)
    )
  }

  private mutating func fillSpeaker() {
    let sound =
      isPlaying ? far.take(Self.step) : [Int16](repeating: 0, count: Self.step)
    if isPlaying { memory.play(sound.span, from: told(speakerTime + Self.waiting)) }
    // Silence is heard where the loudspeaker has been interrupted, or is closed.
    let place = Int(((speakerTime + Self.waiting - heard) * speakerRate).rounded())
    while played.count < place { add(0) }
    for sample in sound { add(Double(sample)) }
    speakerTime += Double(Self.step) / speakerRate
  }

  private mutating func add(_ sample: Double) {
    played.append(Int16(sample))
    var sum = 0.0
    for (late, gain) in reflections where late < played.count {
      sum += gain * Double(played[played.count - 1 - late])
    }
    echo.append(sum)
  }

  /// The room's answer at a true time, between samples too.
  private func echo(at seconds: Double) -> Double {
    let place = (seconds - heard) * speakerRate
    let whole = place.rounded(.down)
    let kernel = kernels[Int((place - whole) * Double(Self.phases))]
    let first = Int(whole) - Self.width / 2 + 1
    guard first >= 0, first + Self.width <= echo.count else { return 0 }
    var sum = 0.0
    for index in kernel.indices { sum += kernel[index] * echo[first + index] }
    return sum
  }

  /// Drops what is long over.
  private mutating func forget() {
    let over = played.count - Self.rate
    guard over > 0 else { return }
    played.removeFirst(over)
    echo.removeFirst(over)
    heard += Double(over) / speakerRate
  }

  /// A sine of the bandwidth over its argument, under a raised cosine.
  private static func kernel(_ fraction: Double) -> [Double] {
    (0..<width).map { index in
      let away = Double(index - width / 2 + 1) - fraction
      let window = 0.5 + 0.5 * cos(.pi * away / Double(width / 2))
      return away == 0 ? 1 : window * sin(.pi * away) / (.pi * away)
    }
  }
}
