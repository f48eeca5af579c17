// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
private import Synchronization
internal import Wire

/// The thread of one encoder: takes raw pictures, and delivers encoded ones to whoever shares them.
///
/// The encoder is opened for the first picture, and anew when size or layout change.
public final class EncoderThread: Sendable {
  /// What comes out.
  public enum Output: Sendable {
    /// An encoder was opened; its parameter sets are those of the frames that follow.
    case opened(Description)
    /// A picture, to be sent.
    case frame(EncodedFrame)
    /// No more pictures will come, for this reason.
    case failed(CodecError)
  }

  /// What a receiver must know about the stream.
  public struct Description: Hashable, Sendable {
    /// Width and height.
    public var size: PictureSize
    /// The three bytes of `profile-level-id`, as the SPS says them.
    public var profileLevelID: [UInt8]
    /// Sequence parameter set, as a NAL unit.
    public var sequenceParameterSet: [UInt8]
    /// Picture parameter set, as a NAL unit.
    public var pictureParameterSet: [UInt8]
  }

  /// What others ask of the thread, and what it tells them.
  private struct Shared: Sendable {
    var policy = KeyframePolicy()
    var configuration: VideoEncoderConfiguration
    var statistics = X264Encoder.Statistics()
    var nextNumber: UInt64 = 0
    var isPaused = false
  }

  private let shared: Mutex<Shared>
  private let prepare: @Sendable (inout VideoEncoderConfiguration) -> Void
  private let next: @Sendable () -> CapturedFrame?
  private let deliver: @Sendable (Output) -> Void
  private let thread = Mutex<MediaThread?>(nil)

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - configuration: how to encode; size, layout and colours are taken from the pictures.
  ///   - prepare: called on the encoder's thread before an encoder is opened, to say what was not
  ///     known before the first picture, such as the camera's rate.
  ///   - next: waits for the next picture, on the encoder's thread; `nil` ends the thread.
  ///   - deliver: called on the encoder's thread; it must return soon.
  /// - Throws: `CodecError.systemExhausted` when there is no thread left.
  public init(
    _ configuration: VideoEncoderConfiguration,
    prepare: @escaping @Sendable (inout VideoEncoderConfiguration) -> Void = { _ in },
    next: @escaping @Sendable () -> CapturedFrame?,
    deliver: @escaping @Sendable (Output) -> Void
  ) throws(CodecError) {
    shared = Mutex(Shared(configuration: configuration))
    self.prepare = prepare
    self.next = next
    self.deliver = deliver
    guard let started = MediaThread(name: "encoder", { [self] in run() }) else {
      throw .systemExhausted
    }
    var running: MediaThread? = consume started
    thread.withLock { $0 = running.take() }
  }

  /// Waits for the thread; `next` must answer `nil` from now on.
  public func join() {
    let running = thread.withLock { $0.take() }
    if let running { running.join() }
  }

  /// Asks for an IDR picture; many requests share few pictures.
  public func requestKeyframe(_ request: KeyframePolicy.Request) {
    let now = MediaClock.now
    shared.withLock { $0.policy.receive(request, at: now) }
  }

  /// Whether pictures are passed over instead of encoded: nobody watches, but the source must flow.
  public func setPaused(_ isPaused: Bool) {
    shared.withLock { $0.isPaused = isPaused }
  }

  /// How long a request for an IDR picture would wait now; zero when the next picture answers it.
  public var keyframeDelay: Duration {
    let now = MediaClock.now
    return shared.withLock { $0.policy.delay(at: now) }
  }

  /// Changes the bitrate from the next picture on.
  public func setBitrate(_ bitrate: Bitrate) {
    shared.withLock { $0.configuration.bitrate = bitrate }
  }

  /// What the present encoder has done.
  public var statistics: X264Encoder.Statistics { shared.withLock { $0.statistics } }

  /// How requests for IDR pictures were answered.
  public var keyframeStatistics: KeyframePolicy.Statistics {
    shared.withLock { $0.policy.statistics }
  }

  private func run() {
    var first = next()
    while let frame = first.take() {
      do throws(CodecError) {
        first = try encode(startingWith: frame)
      } catch {
        deliver(.failed(error))
        return
      }
    }
  }

  /// Encodes until the pictures end, or change; answers the first one of the changed ones.
  private func encode(
    startingWith first: consuming CapturedFrame
  ) throws(CodecError) -> CapturedFrame? {
    let (wished, number) = shared.withLock { ($0.configuration, $0.nextNumber) }
    var configuration = wished
    configuration.size = first.size
    configuration.pixelFormat = first.pixelFormat
    configuration.color = first.color
    prepare(&configuration)
    var encoder = try X264Encoder(configuration, firstNumber: number)
    let (sps, pps) = encoder.parameterSets
    let (profile, constraints, level) = encoder.profileLevelID
    deliver(
      .opened(
        Description(
          size: configuration.size,
          profileLevelID: [profile, constraints, level],
          sequenceParameterSet: sps,
          pictureParameterSet: pps
        )
      )
    )
    var frame: CapturedFrame? = consume first
    while let picture = frame.take() {
      guard picture.size == configuration.size, picture.pixelFormat == configuration.pixelFormat
      else { return picture }
      let now = MediaClock.now
      let (isForced, bitrate, isPaused) = shared.withLock {
        ($0.policy.shouldForce(at: now), $0.configuration.bitrate, $0.isPaused)
      }
      encoder.setBitrate(bitrate)
      if !isPaused, let encoded = try encoder.encode(picture, forceKeyframe: isForced) {
        let statistics = encoder.statistics
        shared.withLock { shared in
          if encoded.isKeyframe { shared.policy.advance(afterKeyframeAt: now) }
          shared.statistics = statistics
          shared.nextNumber = encoded.number &+ 1
        }
        deliver(.frame(encoded))
      }
      _ = consume picture
      frame = next()
    }
    return nil
  }
}
