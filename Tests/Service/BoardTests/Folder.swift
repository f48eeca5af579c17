// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc

/// A folder of a test, gone when the test is.
final class Folder: Sendable {
  let path: String

  init() {
    var name = Array("/tmp/porthole-board-XXXXXX".utf8CString)
    path =
      unsafe mkdtemp(&name) == nil
      ? "" : String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    Self.remove(path)
  }

  /// Writes a file, with the folders above it.
  func write(_ text: String, to file: String) throws {
    let path = "\(path)/\(file)"
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    try LocalFile.makeDirectory(parts.joined(separator: "/"))
    try LocalFile.replace(path, with: Array(text.utf8))
  }

  func remove(_ file: String) {
    Self.remove("\(path)/\(file)")
  }

  private static func remove(_ path: String) {
    for name in LocalFile.names(in: path) { remove("\(path)/\(name)") }
    if unsafe rmdir(path) != 0 { unsafe unlink(path) }
  }
}

extension String {
  /// Whether the text contains `word`, byte by byte.
  func holds(_ word: String) -> Bool {
    let text = Array(utf8)
    let part = Array(word.utf8)
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }
}

/// Makes a FIFO.
func makePipe(_ path: String) -> Bool { unsafe mkfifo(path, 0o600) == 0 }

/// Leaves a Unix socket at `path` at which nobody listens.
func leaveSocket(at path: String) -> Bool {
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = localAddress(path)
  return unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
    }
  }
}

/// The permissions of the file at `path`.
func mode(of path: String) -> UInt32 {
  var status = stat()
  return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

/// A program that connects to a Unix socket and says nothing.
final class IdleClient {
  private let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)

  init(_ path: String) {
    var address = localAddress(path)
    unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  deinit { close(descriptor) }
}

private func localAddress(_ path: String) -> sockaddr_un {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
    unsafe bytes.copyBytes(from: path.utf8.prefix(107))
  }
  return address
}
