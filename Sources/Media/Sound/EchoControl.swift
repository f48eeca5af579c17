// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// Cleans one channel of a microphone at 48,000 samples a second, in steps of 10 ms, for one thread.
///
/// While a loudspeaker beside it is silent it computes next to nothing. Where it cancels or suppresses,
/// all sound is one step late, also what passes as it is: so nothing is heard when either begins or
/// ends. A step allocates nothing.
public struct EchoControl: ~Copyable, Sendable {
  /// What is known of the echo.
  public struct Reading: Hashable, Sendable {
    /// The energy of the microphone's sound for that of the loudspeaker's, lately.
    public var returned: Double?
    /// How much of that energy is left, lately.
    public var left: Double?
    /// By how many samples the loudest part of the echo comes after what is given as played.
    public var delay: Int?

    /// Creates a reading of which nothing is known.
    public init(returned: Double? = nil, left: Double? = nil, delay: Int? = nil) {
      self.returned = returned
      self.left = left
      self.delay = delay
    }
  }

  /// Samples of a step.
  public static let frame = SoundBlock.frameRate / 100
  /// How many steps after the loudspeaker echo may be left: that of the room, and a little.
  private static let hold = 40
  /// The mean square of a step from which on the loudspeaker is heard: -50 dBFS.
  private static let threshold = 10_000.0
  /// Steps of sound in which a canceller learns: until then, or until it takes out enough (as a share of
  /// energy: 23 dB), the microphone is ducked as well.
  private static let learning = (most: 400, least: 150, enough: 0.005)
  /// The weight of the newest step in the means, and for how many steps they are believed.
  private static let weight = 0.02
  /// How fast speech is let down to its own level, and up again, with each sample: in 2 and in 200 ms.
  private static let pace = (fall: 0.01, rise: 0.0001)
  /// Steps of sound between two looks at the delay.
  private static let interval = 100

  /// What is done.
  public let configuration: SoundCleaning
  private var canceller: EchoCanceller
  private var ducking = Ducking(sampleRate: SoundBlock.frameRate)
  private var meter = Meter()
  private var delay: Int?
  /// Steps since the loudspeaker was last heard, and for how many with its sound one is learning.
  private var silent = Self.hold
  /// Steps since the loudspeaker was last loud.
  private var quiet = Self.hold
  /// What the gain of speech is lowered by, so that an echo is not raised as well.
  private var brake = 1.0
  private var learnt = 0
  /// Steps of sound since the delay was looked at.
  private var steps = 0
  /// How much of what goes out is cleaned, 0 or 1, and how many steps the canceller has run.
  private var share = 0.0
  private var run = 0
  /// The step before, as it was captured, and this one cleaned.
  private var previous = [Int16](repeating: 0, count: Self.frame)
  private var cleaned = [Int16](repeating: 0, count: Self.frame)

  /// Creates a control; `nil` without memory.
  public init?(_ configuration: SoundCleaning) {
    self.configuration = configuration
    var settings = EchoCanceller.Configuration()
    if configuration.echo != .cancel { settings.tail = 0 }
    settings.suppressesNoise = configuration.suppressesNoise
    settings.controlsGain = configuration.controlsGain
    guard let opened = EchoCanceller(settings) else { return nil }
    canceller = opened
  }

  /// What is known of the echo now; empty where none is cancelled.
  public var reading: Reading {
    guard configuration.echo == .cancel else { return Reading() }
    return Reading(returned: meter.returned, left: meter.left, delay: delay)
  }

  /// Cleans `sound`, a step, where `played` is what `recollection` is of.
  public mutating func clean(
    _ sound: inout MutableSpan<Int16>,
    while played: Span<Int16>,
    _ recollection: PlayedSound.Recollection
  ) {
    guard sound.count == Self.frame, played.count == Self.frame, configuration != SoundCleaning()
    else { return }
    let energy = configuration.echo == .off || recollection == .silence ? 0 : Self.energy(played)
    let isLoud = energy > Self.threshold
    // Anything but exact silence has an echo.
    silent = energy > 0 ? 0 : min(silent + 1, Self.hold)
    quiet = isLoud ? 0 : min(quiet + 1, Self.hold)
    if configuration.latency > 0 {
      if recollection == .moved { forget() }
      filter(&sound, played, energy, isLoud: isLoud)
    }
    duck(&sound, played, isLoud: isLoud)
  }

  /// Begins to learn anew.
  private mutating func forget() {
    canceller.reset()
    meter = Meter()
    delay = nil
    learnt = 0
    steps = 0
  }

  /// Writes the step before to `sound`, cleaned or as it was.
  private mutating func filter(
    _ sound: inout MutableSpan<Int16>,
    _ played: Span<Int16>,
    _ energy: Double,
    isLoud: Bool
  ) {
    let isNear = configuration.echo == .cancel && silent < Self.hold
    let isWanted = isNear || configuration.suppressesNoise || configuration.controlsGain
    if isWanted || share > 0 {
      run += 1
      var samples: [Int16] = []
      swap(&samples, &cleaned)
      defer { swap(&samples, &cleaned) }
      var output = samples.mutableSpan
      if isNear {
        _ = canceller.cancel(sound.span, played: played, into: &output)
      } else {
        _ = canceller.clean(sound.span, into: &output)
      }
      if configuration.controlsGain { brakeGain(&output) }
    } else {
      run = 0
    }
    if isNear { measure(energy, isLoud: isLoud) }
    // The first step that a canceller gives has half of it missing.
    let aim = isWanted && run > 1 ? 1.0 : 0
    let slope = (aim - share) / Double(Self.frame)
    for index in sound.indices {
      let before = previous[index]
      previous[index] = sound[index]
      let difference = Double(cleaned[index]) - Double(before)
      sound[index] = Int16(Double(before) + difference * (share + slope * Double(index)))
    }
    share = aim
  }

  /// While the loudspeaker is loud, speech is as loud as it came; afterwards it is raised again.
  private mutating func brakeGain(_ samples: inout MutableSpan<Int16>) {
    canceller.holdGain(quiet < Self.hold)
    let aim = quiet < Self.hold ? min(1, 1 / max(0.01, canceller.gain())) : 1
    guard aim < 1 || brake < 1 else { return }
    for index in samples.indices {
      brake += (aim - brake) * (aim < brake ? Self.pace.fall : Self.pace.rise)
      samples[index] = Int16(Double(samples[index]) * brake)
    }
    if aim == 1, brake > 0.999 { brake = 1 }
  }

  /// Measures what the canceller does while the loudspeaker is heard.
  private mutating func measure(_ energy: Double, isLoud: Bool) {
    guard isLoud else { return }
    meter.take(
      played: energy,
      captured: Self.energy(previous.span),
      left: Self.energy(cleaned.span),
      weight: Self.weight
    )
    steps += 1
    if steps % Self.interval == 0 { delay = canceller.echoDelay() }
  }

  /// Lowers `sound` while the loudspeaker plays, where that is asked for or nothing better is known yet.
  private mutating func duck(
    _ sound: inout MutableSpan<Int16>,
    _ played: Span<Int16>,
    isLoud: Bool
  ) {
    var isNeeded = configuration.echo == .duck
    if configuration.echo == .cancel, learnt < Self.learning.most {
      if isLoud { learnt += 1 }
      if learnt > Self.learning.least, let left = meter.left, left < Self.learning.enough {
        learnt = Self.learning.most
      }
      isNeeded = learnt < Self.learning.most
    }
    if isNeeded, silent < Self.hold {
      ducking.duck(&sound, while: played)
    } else if ducking.isDucking {
      ducking.duck(&sound, while: Span())
    }
  }

  /// The mean square of `samples`.
  private static func energy(_ samples: Span<Int16>) -> Double {
    var sum: Int64 = 0
    for index in samples.indices { sum &+= Int64(samples[index]) &* Int64(samples[index]) }
    return Double(sum) / Double(max(1, samples.count))
  }
}

extension SoundCleaning {
  /// Samples by which what is cleaned comes late.
  public var latency: Int {
    echo == .cancel || suppressesNoise || controlsGain ? EchoControl.frame : 0
  }
}

extension EchoControl {
  /// Means of the energy that is played, captured and left.
  private struct Meter {
    private var energy = (played: 0.0, captured: 0.0, left: 0.0)
    private var isEmpty = true

    var returned: Double? { isEmpty ? nil : energy.captured / max(1, energy.played) }
    var left: Double? { isEmpty ? nil : energy.left / max(1, energy.captured) }

    mutating func take(played: Double, captured: Double, left: Double, weight: Double) {
      let weight = isEmpty ? 1 : weight
      isEmpty = false
      energy.played += (played - energy.played) * weight
      energy.captured += (captured - energy.captured) * weight
      energy.left += (left - energy.left) * weight
    }
  }
}
