// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// Plays an H.264 stream with start codes from a file, a FIFO or the standard input, as it is.
///
/// A regular file is played at its own rate, and again from its start for ever. From a FIFO or a
/// pipe every picture is taken as it comes; it is complete when the next one begins.
struct H264Source: ~Copyable {
  /// Size, rate and profile of the present IDR picture; `nil` before the first one.
  var format: EncodedVideoFormat? { parser.format }
  /// What was delivered, and what no decoder could have shown.
  private(set) var statistics = CaptureStatistics()
  private var file: InputFile
  private var parser = H264Parser()
  private var pacer: FramePacer?
  private var waiting: H264AccessUnit?
  private var number: UInt64 = 0
  private var roundNumber: UInt64 = 0
  private var hasEnded = false

  /// Plays `file` from where it is; the first picture's number is `firstNumber`.
  init(_ file: consuming InputFile, firstNumber: UInt64 = 0) {
    self.file = file
    number = firstNumber
  }

  /// Gives the file back, to be opened again.
  consuming func release() -> InputFile { file }

  /// The number of the next picture.
  var nextNumber: UInt64 { number }

  /// Reads the first pictures of a regular file, to see whether it can be played, and goes back.
  mutating func readHeader(wake: WakeDescriptor) throws(CaptureError) {
    var count = 0
    while count < 30, !hasEnded || count == 0 {
      guard try advance(until: nil, wake: wake) else { return }
      if waiting.take() != nil { count += 1 }
    }
    try file.rewind(to: 0)
    parser = H264Parser()
    hasEnded = false
  }

  /// Waits for the next picture.
  ///
  /// - Throws: `.streamEnded` when a FIFO or pipe has no writer any more, `.fileMalformed` when the
  ///   stream cannot be played.
  mutating func nextFrame(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> EncodedFrame? {
    while waiting == nil {
      guard try advance(until: deadline, wake: wake) else { return nil }
    }
    if file.kind == .regular {
      var pacer = self.pacer ?? FramePacer(parser.format?.frameRate ?? FrameRate(30))
      let due = pacer.due(at: MediaClock.now)
      self.pacer = pacer
      guard wake.wait(until: deadline.earlier(due)) == .timeout, MediaClock.now >= due else {
        return nil
      }
      self.pacer?.advance()
      waiting?.began = MediaClock.now
    }
    guard let unit = waiting.take() else { return nil }
    defer { number &+= 1 }
    roundNumber &+= 1
    statistics.delivered &+= 1
    return EncodedFrame(
      bytes: unit.bytes,
      nalUnits: unit.nalUnits,
      captured: unit.began,
      isKeyframe: unit.isKeyframe,
      number: number
    )
  }

  /// Cuts a picture, or reads once; `false` when the wait ended without anything to read.
  private mutating func advance(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> Bool {
    do throws(H264Parser.Malformed) {
      waiting = try parser.next()
    } catch {
      throw .fileMalformed(path: file.path, reason: error.reason)
    }
    statistics.damaged = parser.dropped
    guard waiting == nil else { return true }
    if hasEnded { try beginAnew() }
    if file.kind != .regular {
      switch wake.wait(for: file.descriptor, until: deadline) {
      case .woken, .timeout: return false
      case .ready, .broken: break
      }
    } else if wake.isSignalled {
      return false
    }
    guard let bytes = try file.readBytes(upTo: 1 << 16) else { return true }
    guard !bytes.isEmpty else {
      parser.end()
      hasEnded = true
      return true
    }
    do throws(H264Parser.Malformed) {
      try parser.receive(bytes, at: MediaClock.now)
    } catch {
      throw .fileMalformed(path: file.path, reason: error.reason)
    }
    return true
  }

  /// All pictures are out: from the start again, to the next writer, or for good.
  private mutating func beginAnew() throws(CaptureError) {
    guard file.kind == .regular else { throw .streamEnded(path: file.path) }
    guard roundNumber > 0 else {
      throw .fileMalformed(
        path: file.path,
        reason: "holds no IDR picture with its parameter sets before it"
      )
    }
    try file.rewind(to: 0)
    roundNumber = 0
    hasEnded = false
  }
}
