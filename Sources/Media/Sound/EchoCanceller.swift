// SPDX-License-Identifier: Apache-2.0
private import CSpeexDSP

/// Takes out of what a microphone hears what the loudspeaker beside it plays, and noise; for one
/// thread.
///
/// One channel of 16-bit samples. A call allocates nothing.
@safe public struct EchoCanceller: ~Copyable, @unchecked Sendable {
  /// What is taken out, and how much of it.
  public struct Configuration: Hashable, Sendable {
    /// Samples in a second, 8,000 to 48,000.
    public var sampleRate = 48_000
    /// Samples of each step, 10 or 20 ms.
    public var frame = 480
    /// Milliseconds that an echo lasts, 0 to 500; 0 where there is no loudspeaker.
    public var tail = 128
    /// Whether noise that does not change is lowered.
    public var suppressesNoise = true
    /// Whether speech is brought to one level.
    public var controlsGain = false

    /// Creates a configuration for 48 kHz and an echo of 128 ms.
    public init() {}
  }

  /// What is lowered at most, in dB: noise, what is left of an echo, and that while somebody speaks.
  private static let suppression: (noise: Int32, echo: Int32, active: Int32) = (-18, -45, -15)
  /// The level that speech is brought to, and the most that it is raised by, in dB.
  private static let gain: (target: Int32, limit: Int32) = (8_000, 20)

  /// The configuration given at the beginning.
  public let configuration: Configuration
  private let canceller: OpaquePointer
  private var residual: ResidualEcho

  /// Opens a canceller; `nil` for rates and lengths that cannot be, or without memory.
  public init?(_ configuration: Configuration = .init()) {
    let rate = configuration.sampleRate
    guard (8_000...48_000).contains(rate), (0...500).contains(configuration.tail),
      configuration.frame == rate / 100 || configuration.frame == rate / 50
    else { return nil }
    var settings = cspeexdsp_canceller_settings()
    settings.rate = Int32(rate)
    settings.frame = Int32(configuration.frame)
    settings.tail = Int32(configuration.tail * rate / 1_000)
    settings.suppresses_noise = configuration.suppressesNoise ? 1 : 0
    settings.noise_suppression = Self.suppression.noise
    settings.echo_suppression = Self.suppression.echo
    settings.active_echo_suppression = Self.suppression.active
    settings.controls_gain = configuration.controlsGain ? 1 : 0
    settings.gain_target = Self.gain.target
    settings.gain_limit = Self.gain.limit
    guard let opened = unsafe cspeexdsp_canceller_open(&settings) else { return nil }
    unsafe canceller = opened
    residual = ResidualEcho(hold: configuration.tail * rate / 1_000 / configuration.frame + 1)
    self.configuration = configuration
  }

  deinit {
    unsafe cspeexdsp_canceller_close(canceller)
  }

  /// Cleans one step of what was captured, where `played` is what the loudspeaker played at that time, or
  /// a little later: its echo must come after it, and by less than `tail`.
  ///
  /// The output is one step late. All three have `frame` samples; with others nothing is done, and the
  /// answer is `false`.
  public mutating func cancel(
    _ captured: Span<Int16>,
    played: Span<Int16>,
    into output: inout MutableSpan<Int16>
  ) -> Bool {
    let frame = configuration.frame
    guard captured.count == frame, played.count == frame, output.count == frame else {
      return false
    }
    let isDone = unsafe captured.withUnsafeBufferPointer { captured in
      unsafe played.withUnsafeBufferPointer { played in
        unsafe output.withUnsafeMutableBufferPointer { output in
          guard let captured = captured.baseAddress, let played = played.baseAddress,
            let output = output.baseAddress
          else { return false }
          unsafe cspeexdsp_canceller_run(canceller, captured, played, output)
          return true
        }
      }
    }
    if isDone, configuration.tail > 0 { residual.lower(&output, of: captured, played: played) }
    return isDone
  }

  /// Cleans one step, like `cancel`, where the loudspeaker has long been silent: only noise and level.
  public mutating func clean(
    _ captured: Span<Int16>,
    into output: inout MutableSpan<Int16>
  ) -> Bool {
    let frame = configuration.frame
    guard captured.count == frame, output.count == frame else { return false }
    return unsafe captured.withUnsafeBufferPointer { captured in
      unsafe output.withUnsafeMutableBufferPointer { output in
        guard let captured = captured.baseAddress, let output = output.baseAddress else {
          return false
        }
        unsafe cspeexdsp_canceller_run(canceller, captured, nil, output)
        return true
      }
    }
  }

  /// By how many samples the loudest part of the echo comes after `played`, as far as that has been
  /// learnt; `nil` before.
  public mutating func echoDelay() -> Int? {
    let delay = unsafe cspeexdsp_canceller_delay(canceller)
    return delay >= 0 ? Int(delay) : nil
  }

  /// Raises speech no further while `holds`, because what is left of an echo would be raised too.
  public mutating func holdGain(_ holds: Bool) {
    unsafe cspeexdsp_canceller_hold_gain(canceller, holds ? 1 : 0)
  }

  /// How much louder the last step's output is than what came in.
  public mutating func gain() -> Double {
    Double(unsafe cspeexdsp_canceller_gain(canceller)) / 65_536
  }

  /// Forgets the way from the loudspeaker to the microphone: it has changed in time.
  public mutating func reset() {
    unsafe cspeexdsp_canceller_reset(canceller)
  }
}
