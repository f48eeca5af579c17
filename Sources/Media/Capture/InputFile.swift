// SPDX-License-Identifier: Apache-2.0
private import CV4L2
internal import MediaTypes

/// An open file, FIFO or the standard input; closed when it goes out of scope.
struct InputFile: ~Copyable, Sendable {
  /// What kind of file it is.
  enum Kind {
    /// Can be played again from its start.
    case regular
    /// Its writer may come and go.
    case fifo
    /// A pipe or terminal: it ends once.
    case stream
  }

  /// What the bytes of a stream are.
  enum Content {
    /// Raw pictures: YUV4MPEG2.
    case pictures
    /// H.264 with start codes (annex B).
    case h264
  }

  /// The name for messages.
  let path: String
  let kind: Kind
  /// For `WakeDescriptor.wait`.
  let descriptor: Int32
  /// What was read to see what it is, and not yet used.
  private var ahead: [UInt8] = []

  /// Opens `path`; a FIFO without waiting for its writer.
  init(path: String) throws(CaptureError) {
    let opened = unsafe path.withCString { unsafe cv4l2_file_open($0) }
    guard opened >= 0 else {
      switch -opened {
      case 2: throw .fileMissing(path: path)
      case 1, 13: throw .fileForbidden(path: path)
      default: throw .fileFailed(path: path, reason: Self.reason(opened))
      }
    }
    let kind = cv4l2_file_kind(opened)
    guard kind >= 0 else {
      cv4l2_close(opened)
      throw .fileFailed(path: path, reason: Self.reason(kind))
    }
    self.path = path
    self.kind = kind == 1 ? .regular : kind == 2 ? .fifo : .stream
    descriptor = opened
    if kind == 2 { cv4l2_file_widen(opened) }
  }

  /// The program's standard input.
  static func standardInput() -> InputFile {
    cv4l2_file_widen(0)
    return InputFile(
      path: "standard input",
      kind: cv4l2_file_kind(0) == 1 ? .regular : .stream,
      descriptor: 0
    )
  }

  private init(path: String, kind: Kind, descriptor: Int32) {
    self.path = path
    self.kind = kind
    self.descriptor = descriptor
  }

  deinit {
    cv4l2_close(descriptor)
  }

  /// Opens a FIFO again, for its next writer.
  ///
  /// Only a fresh descriptor stops reporting that the last writer has gone. The old one is closed
  /// after it, so that nobody who writes meanwhile writes to nobody.
  mutating func reopen() throws(CaptureError) {
    self = try InputFile(path: path)
  }

  /// Looks at the first bytes of a stream; `nil` when more of them must come first.
  ///
  /// - Throws: `.fileMalformed` when it is neither of the two, `.streamEnded` when there is nothing.
  mutating func content() throws(CaptureError) -> Content? {
    guard let bytes = try readMore(upTo: 4 - ahead.count) else { return nil }
    ahead += bytes
    if ahead.starts(with: [0, 0, 1]) || ahead == [0, 0, 0, 1] { return .h264 }
    if ahead == Array("YUV4".utf8) { return .pictures }
    guard ahead.count == 4 || bytes.isEmpty else { return nil }
    guard !ahead.isEmpty || kind == .regular else { throw .streamEnded(path: path) }
    let reason = "begins neither with YUV4MPEG2 nor with a start code of H.264"
    throw .fileMalformed(path: path, reason: ahead.isEmpty ? "is empty" : reason)
  }

  /// Reads into `bytes`, as many as there are now.
  ///
  /// - Returns: how many; 0 at the end of the stream; `nil` when there is nothing now.
  func read(into bytes: inout MutableSpan<UInt8>) throws(CaptureError) -> Int? {
    let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe cv4l2_file_read(descriptor, buffer.baseAddress, buffer.count)
    }
    return try count(result)
  }

  private func count(_ result: Int64) throws(CaptureError) -> Int? {
    guard result < 0 else { return Int(result) }
    guard result != -11 else { return nil }
    throw .fileFailed(path: path, reason: Self.reason(Int32(truncatingIfNeeded: result)))
  }

  /// Reads at most `limit` bytes; empty at the end of the stream; `nil` when there is nothing now.
  mutating func readBytes(upTo limit: Int) throws(CaptureError) -> [UInt8]? {
    guard ahead.isEmpty else {
      let bytes = Array(ahead.prefix(limit))
      ahead.removeFirst(bytes.count)
      return bytes
    }
    return try readMore(upTo: limit)
  }

  private func readMore(upTo limit: Int) throws(CaptureError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let result = unsafe cv4l2_file_read(descriptor, &bytes, limit)
    guard let count = try count(result) else { return nil }
    bytes.removeLast(limit - count)
    return bytes
  }

  /// Goes to `offset` in a regular file.
  mutating func rewind(to offset: Int) throws(CaptureError) {
    ahead = []
    let result = cv4l2_file_rewind(descriptor, Int64(offset))
    guard result < 0 else { return }
    throw .fileFailed(path: path, reason: Self.reason(result))
  }

  private static func reason(_ code: Int32) -> String {
    guard let text = unsafe cv4l2_reason(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
