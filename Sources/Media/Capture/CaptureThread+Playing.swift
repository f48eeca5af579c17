// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Synchronization
internal import Wire

/// Everything here runs on the camera's thread.
extension CaptureThread {
  /// What one turn of a source brought.
  private enum Turn {
    case came
    case nothing
    case over
  }

  /// Opens the source and takes pictures until told to stop.
  func play() throws(CaptureError) {
    switch selection {
    case .test:
      var source = TestPattern(request)
      try play(&source)
    case .device(let path):
      var source = try V4L2Camera(path: path, request)
      try play(&source)
    case .file(let path): try play(file: InputFile(path: path))
    case .standardInput: try play(file: InputFile.standardInput())
    case .none:
      settle(.success(()))
      _ = wake.wait(until: nil)
    }
  }

  /// Plays a stream, and each that follows it in a FIFO; its first bytes say what it is.
  private func play(file: consuming InputFile) throws(CaptureError) {
    let kind = file.kind
    writers.withLock { $0 = kind != .regular }
    if kind != .regular { settle(.success(())) }
    var number: UInt64 = 0
    while let content = try content(of: &file) {
      switch content {
      case .pictures:
        var source = Y4MSource(file, firstNumber: number)
        if kind == .regular { try source.readHeader(wake: wake) }
        do throws(CaptureError) {
          try play(&source)
          return
        } catch {
          guard kind == .fifo, case .streamEnded = error else { throw error }
        }
        number = source.nextNumber
        file = source.release()
      case .h264:
        var source = H264Source(file, firstNumber: number)
        if kind == .regular { try source.readHeader(wake: wake) }
        do throws(CaptureError) {
          try play(&source)
          return
        } catch {
          guard kind == .fifo, case .streamEnded = error else { throw error }
        }
        number = source.nextNumber
        file = source.release()
      }
      try file.reopen()
    }
  }

  /// What comes next out of `file`; `nil` when told to stop.
  private func content(of file: inout InputFile) throws(CaptureError) -> InputFile.Content? {
    var content: InputFile.Content?
    try pump { deadline throws(CaptureError) in
      if file.kind != .regular {
        switch wake.wait(for: file.descriptor, until: deadline) {
        case .woken, .timeout: return .nothing
        case .ready, .broken: break
        }
      }
      do throws(CaptureError) {
        content = try file.content()
      } catch {
        // A writer has come and gone without a word.
        guard file.kind == .fifo, case .streamEnded = error else { throw error }
        try file.reopen()
      }
      return content == nil ? .nothing : .over
    }
    return content
  }

  private func play(_ source: inout some CaptureSource & ~Copyable) throws(CaptureError) {
    settle(.success(()))
    var announced: VideoFormat?
    try pump { deadline throws(CaptureError) in
      let frame = try source.nextFrame(until: deadline, wake: wake)
      if let format = source.format, format != announced {
        announced = format
        begin(.started(format))
      }
      let statistics = source.statistics
      counted.withLock { $0 = statistics }
      guard let frame else { return .nothing }
      frames.publish(frame)
      return .came
    }
  }

  private func play(_ source: inout H264Source) throws(CaptureError) {
    settle(.success(()))
    var announced: EncodedVideoFormat?
    try pump { deadline throws(CaptureError) in
      let frame = try source.nextFrame(until: deadline, wake: wake)
      if let format = source.format, format != announced {
        announced = format
        begin(.startedEncoded(format))
      }
      let statistics = source.statistics
      counted.withLock { $0 = statistics }
      guard let frame else { return .nothing }
      deliver(frame)
      return .came
    }
  }

  private func begin(_ start: Status) {
    told.withLock { $0 = (start, nil) }
    report(start)
  }

  /// Takes turns until one is the last, or until told to stop; tells when nothing comes for long.
  private func pump(
    _ turn: (_ deadline: Timestamp) throws(CaptureError) -> Turn
  ) throws(CaptureError) {
    var isStalled = false
    var wait = MediaClock.now + Self.patience
    while true {
      switch try turn(wait) {
      case .over: return
      case .came:
        wait = MediaClock.now + Self.patience
        if isStalled, let start = told.withLock({ $0.start }) { report(start) }
        isStalled = false
        continue
      case .nothing: break
      }
      guard !wake.isSignalled else { return }
      guard MediaClock.now >= wait else { continue }
      wait = MediaClock.now + Self.patience
      guard !isStalled else { continue }
      isStalled = true
      report(.stalled)
    }
  }
}
