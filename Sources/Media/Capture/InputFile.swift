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

  /// The name for messages.
  let path: String
  let kind: Kind
  /// For `WakeDescriptor.wait`.
  let descriptor: Int32

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
  func readBytes(upTo limit: Int) throws(CaptureError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let result = unsafe cv4l2_file_read(descriptor, &bytes, limit)
    guard let count = try count(result) else { return nil }
    bytes.removeLast(limit - count)
    return bytes
  }

  /// Goes to `offset` in a regular file.
  func rewind(to offset: Int) throws(CaptureError) {
    let result = cv4l2_file_rewind(descriptor, Int64(offset))
    guard result < 0 else { return }
    throw .fileFailed(path: path, reason: Self.reason(result))
  }

  private static func reason(_ code: Int32) -> String {
    guard let text = unsafe cv4l2_reason(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
