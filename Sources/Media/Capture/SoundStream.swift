// SPDX-License-Identifier: Apache-2.0
private import CALSA
internal import MediaTypes
internal import Wire

/// An open ALSA device in one direction; closed when it goes out of scope.
@safe struct SoundStream: ~Copyable {
  /// What a try to read or write came to.
  enum Outcome: Hashable {
    /// It was done.
    case done
    /// Not yet: wait.
    case notYet
    /// Sound was lost, because the card or we were late; it goes on.
    case interrupted
  }

  /// How much lies between us and the card.
  struct Latency: Hashable {
    /// Frames of the card's own period.
    var period: Int
    /// Frames that wait for us, or in front of the loudspeaker, at most.
    var buffer: Int
    /// Whether ALSA converts rate or channels.
    var isConverted: Bool
  }

  let name: String
  let direction: SoundDirection
  let channelCount: Int
  let latency: Latency
  private let stream: OpaquePointer

  /// Opens `name` for 48,000 frames a second in blocks of `period` frames; a buffer of `buffer` frames keeps
  /// what nobody reads.
  init(
    _ name: String,
    _ direction: SoundDirection,
    channelCount: Int,
    period: Int,
    buffer: Int
  ) throws(SoundError) {
    var format = calsa_format()
    format.rate = UInt32(SoundBlock.frameRate)
    format.channels = UInt32(clamping: channelCount)
    format.period = UInt32(clamping: period)
    format.buffer = UInt32(clamping: buffer)
    var opened: OpaquePointer?
    let result = unsafe name.withCString { name in
      unsafe calsa_open(name, direction == .capture ? 1 : 0, &format, &opened)
    }
    guard result >= 0, let opened = unsafe opened else {
      throw Self.error(direction, name, "open", result)
    }
    unsafe stream = opened
    self.name = name
    self.direction = direction
    self.channelCount = channelCount
    latency = Latency(
      period: Int(format.period),
      buffer: Int(format.buffer),
      isConverted: format.is_converted != 0
    )
  }

  deinit {
    unsafe calsa_close(stream)
  }

  /// Waits until there may be something to do, `wake` was signalled, or `deadline`.
  func wait(until deadline: Timestamp, wake: WakeDescriptor) -> WakeDescriptor.Event {
    let left = max(0, (deadline - MediaClock.now).inNanoseconds)
    let events = unsafe calsa_wait(stream, wake.descriptor, left)
    if events < 0 { return .broken }
    if events & Int32(calsa_woken) != 0 { return .woken }
    return events & Int32(calsa_ready) != 0 ? .ready : .timeout
  }

  /// Fills `block` with what was captured; its time is `distantPast` where the driver tells none.
  mutating func read(into block: inout SoundBlock) throws(SoundError) -> Outcome {
    let frames = Int32(block.frameCount)
    var captured: Int64 = 0
    let result = unsafe block.samples.withUnsafeMutableBufferPointer { samples in
      unsafe samples.baseAddress.map { unsafe calsa_read(stream, $0, frames, &captured) } ?? 0
    }
    guard result == frames else { return try outcome(of: result, "capture") }
    block.time = captured > 0 ? Timestamp(nanoseconds: captured) : .distantPast
    return .done
  }

  /// Whether a block of `frames` can be written now, and after how many frames it will be heard.
  mutating func room(
    for frames: Int
  ) throws(SoundError) -> (outcome: Outcome, delay: Int) {
    var delay: Int32 = 0
    let room = unsafe calsa_room(stream, &delay)
    guard room >= 0 else { return (try outcome(of: room, "play"), 0) }
    return (Int(room) >= frames ? .done : .notYet, Int(delay))
  }

  /// Plays `block` after what was written before.
  mutating func write(_ block: SoundBlock) throws(SoundError) -> Outcome {
    let frames = Int32(block.frameCount)
    let result = unsafe block.samples.withUnsafeBufferPointer { samples in
      unsafe samples.baseAddress.map { unsafe calsa_write(stream, $0, frames) } ?? 0
    }
    return result == frames ? .done : try outcome(of: result, "play")
  }

  private mutating func outcome(of result: Int32, _ step: String) throws(SoundError) -> Outcome {
    // EAGAIN; or fewer frames than there were a moment ago.
    if result == -11 || result >= 0 { return .notYet }
    let recovered = unsafe calsa_recover(stream, result)
    guard recovered >= 0 else { throw Self.error(direction, name, step, recovered) }
    return .interrupted
  }

  private static func error(
    _ direction: SoundDirection,
    _ name: String,
    _ step: String,
    _ code: Int32
  ) -> SoundError {
    let reason: SoundError.Reason =
      switch -code {
      case 79: .libraryMissing
      case 2, 6: .deviceMissing
      case 19: step == "open" ? .deviceMissing : .deviceGone
      case 1, 13: .deviceForbidden
      case 16: .deviceBusy
      case 22 where step == "open": .formatUnknown
      default:
        .deviceFailed(step: step, reason: text(of: code))
      }
    return SoundError(direction, name, reason)
  }

  private static func text(of code: Int32) -> String {
    guard let text = unsafe calsa_reason(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
