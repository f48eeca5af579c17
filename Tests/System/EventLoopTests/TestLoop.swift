// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
import Synchronization
import Testing
import Wire

/// Runs `body` on a loop of the calling thread until it stops the loop; fails after a minute.
///
/// What `body` answers lives as long as the loop runs.
func runLoop<Kept>(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: (EventLoop) throws -> Kept
) throws {
  let loop = try EventLoop()
  loop.schedule(at: loop.now + .seconds(60)) {
    Issue.record("the loop was not stopped", sourceLocation: sourceLocation)
    loop.stop()
  }
  let kept = try body(loop)
  withExtendedLifetime(kept) { loop.run() }
}

/// A value that several tasks share.
final class Shared<Value: Sendable>: Sendable {
  let value: Mutex<Value>

  init(_ value: Value) {
    self.value = Mutex(value)
  }
}

/// The names of the process's threads.
func threadNames() -> [String] {
  threadIDs().compactMap { name(ofThread: $0) }
}

private func threadIDs() -> [Int] {
  guard let folder = unsafe opendir("/proc/self/task") else { return [] }
  defer { unsafe closedir(folder) }
  var found: [Int] = []
  while let entry = unsafe readdir(folder) {
    let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if let id = Int(name) { found.append(id) }
  }
  return found
}

private func name(ofThread id: Int) -> String? {
  guard let file = unsafe fopen("/proc/self/task/\(id)/comm", "r") else { return nil }
  defer { unsafe fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 32)
  let count = unsafe fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
}

extension SocketAddress {
  /// 127.0.0.`last`.
  static func loopback(_ port: UInt16, last: UInt32 = 1) -> SocketAddress {
    SocketAddress(.v4(0x7F00_0000 | last), port: port)
  }

  /// ::1.
  static func loopback6(_ port: UInt16) -> SocketAddress {
    SocketAddress(.v6(high: 0, low: 1, scope: 0), port: port)
  }
}

extension OutputSpan where Element == UInt8 {
  /// Appends `count` bytes that begin with `first` and count on.
  mutating func append(counting count: Int, from first: Int) {
    for index in 0..<count { append(UInt8(truncatingIfNeeded: first + index)) }
  }
}
