// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// Plays a .y4m stream (YUV4MPEG2, 8-bit 4:2:0) from a file, a FIFO or the standard input.
///
/// A regular file is played at its own rate, and again from its start for ever. From a FIFO or a
/// pipe every picture is taken as it comes, until there is no writer any more.
struct Y4MSource: CaptureSource, ~Copyable {
  /// Size, layout and rate as the stream's header says; `nil` before it has come.
  private(set) var format: VideoFormat?
  /// What was delivered.
  private(set) var statistics = CaptureStatistics()
  private var file: InputFile
  private var parser = Y4MParser()
  private var pool: PicturePool?
  private var pacer = FramePacer(FrameRate(30))
  private var picture: PictureBuffer?
  private var began = Timestamp.zero
  private var number: UInt64 = 0
  private var roundNumber: UInt64 = 0

  /// Plays `file` from where it is; the first picture's number is `firstNumber`.
  init(_ file: consuming InputFile, firstNumber: UInt64 = 0) {
    self.file = file
    number = firstNumber
  }

  /// Gives the file back, to be opened again.
  consuming func release() -> InputFile { file }

  /// The number of the next picture.
  var nextNumber: UInt64 { number }

  /// Reads the header of a regular file at once, to see whether it can be played.
  mutating func readHeader(wake: WakeDescriptor) throws(CaptureError) {
    while format == nil {
      guard try advance(until: nil, wake: wake) else { return }
    }
  }

  /// Waits for the next picture.
  mutating func nextFrame(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> CapturedFrame? {
    while parser.step != .complete {
      guard try advance(until: deadline, wake: wake) else { return nil }
    }
    if file.kind == .regular {
      let due = pacer.due(at: MediaClock.now)
      guard wake.wait(until: deadline.earlier(due)) == .timeout, MediaClock.now >= due else {
        return nil
      }
      pacer.advance()
      began = MediaClock.now
    }
    parser.nextPicture()
    defer { number &+= 1 }
    roundNumber &+= 1
    guard let complete = picture.take() else { return nil }
    statistics.delivered &+= 1
    return CapturedFrame(
      complete,
      color: ColorDescription(isFullRange: parser.header?.isFullRange ?? false),
      captured: began,
      number: number
    )
  }

  /// Reads once; `false` when the wait ended without anything to read.
  private mutating func advance(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> Bool {
    if file.kind != .regular {
      switch wake.wait(for: file.descriptor, until: deadline) {
      case .woken, .timeout: return false
      case .ready, .broken: break
      }
    }
    let count: Int?
    switch parser.step {
    case .line(let wanted): count = try readLine(wanted)
    case .samples(let offset, let wanted):
      guard try makeRoom(until: deadline, wake: wake) else { return false }
      count = try readSamples(offset..<offset + wanted)
    case .complete: return true
    }
    if count == 0 { try end() }
    return true
  }

  private mutating func readLine(_ wanted: Int) throws(CaptureError) -> Int? {
    guard let bytes = try file.readBytes(upTo: wanted) else { return nil }
    do throws(Y4MHeader.Malformed) {
      try parser.receive(bytes.span)
    } catch {
      throw .fileMalformed(path: file.path, reason: error.reason)
    }
    if format == nil, let header = parser.header { adopt(header) }
    return bytes.count
  }

  private mutating func readSamples(_ range: Range<Int>) throws(CaptureError) -> Int? {
    if range.lowerBound == 0 { began = MediaClock.now }
    guard var target = picture.take() else { return nil }
    var bytes = target.mutableBytes(range)
    let count = try file.read(into: &bytes)
    picture = consume target
    if let count { parser.receive(samples: count) }
    return count
  }

  /// Takes memory for a picture, waiting for the encoder to give some back.
  private mutating func makeRoom(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> Bool {
    while picture == nil {
      picture = pool?.take()
      guard picture == nil else { break }
      let soon = MediaClock.now + .milliseconds(2)
      guard wake.wait(until: soon) == .timeout else { return false }
      if let deadline, deadline <= soon { return false }
    }
    return true
  }

  private mutating func adopt(_ header: Y4MHeader) {
    format = VideoFormat(size: header.size, pixelFormat: .i420, frameRate: header.frameRate)
    if pool?.layout.size != header.size {
      pool = PicturePool(PictureLayout(.i420, size: header.size))
      picture = nil
    }
    pacer = FramePacer(header.frameRate)
  }

  /// The stream has ended: from the start again, to the next writer, or for good.
  private mutating func end() throws(CaptureError) {
    guard file.kind == .regular else { throw .streamEnded(path: file.path) }
    guard parser.header != nil, roundNumber > 0 else {
      throw .fileMalformed(path: file.path, reason: "holds no complete picture")
    }
    try file.rewind(to: parser.headerByteCount)
    parser.nextPicture()
    roundNumber = 0
  }
}
