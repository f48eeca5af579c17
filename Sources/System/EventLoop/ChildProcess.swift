// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// A program that was started: in a session and process group of its own, in `/`, with nothing to read,
/// no descriptor of ours, and an environment of `PATH` and `LANG` only.
///
/// Whatever is left in its group when this goes away is killed.
public struct ChildProcess: ~Copyable, Sendable {
  /// Why a program could not be started, in one sentence.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
  }

  private let child: clinux_child

  /// Starts the program whose path is the first of `words`, with the others as its arguments.
  ///
  /// Blocks until the system has loaded it.
  /// - Throws: why it cannot be started.
  public init(_ words: [String]) throws(Failure) {
    guard let path = words.first, path.utf8.first == UInt8(ascii: "/"),
      !words.contains(where: { $0.utf8.contains(0) })
    else {
      throw Failure(description: "a program is named by its whole path")
    }
    let bytes = words.flatMap { word -> [CChar] in word.utf8.map { CChar(bitPattern: $0) } + [0] }
    var started = clinux_child()
    let code = unsafe clinux_child_start(bytes, bytes.count, &started)
    guard code >= 0 else {
      throw Failure(description: "\(path) cannot be started: \(systemErrorText(-code))")
    }
    child = started
  }

  deinit {
    kill()
    _ = reap()
    close()
  }

  /// Becomes readable when the program has ended.
  var descriptor: Int32 { child.descriptor }
  /// Becomes readable when it has written something.
  var output: Int32 { child.output }

  /// Kills all that runs in the group.
  func kill() {
    var child = child
    unsafe clinux_child_kill(&child)
  }

  /// Takes how the program ended: its exit status, or 128 and a signal.
  ///
  /// What is left of its group is killed; waits where it has not ended.
  consuming func end() -> Int32 {
    // While it is not taken its number, which is the group's too, cannot become another's.
    kill()
    let status = reap()
    close()
    discard self
    return status
  }

  private func reap() -> Int32 {
    var child = child
    return unsafe clinux_child_reap(&child)
  }

  private func close() {
    clinux_close(child.descriptor)
    clinux_close(child.output)
  }

  /// Reads what it has written, at most the size of `buffer`: 0 at the end, negative when there is nothing.
  func read(into buffer: inout [UInt8]) -> Int {
    var child = child
    let capacity = buffer.count
    return unsafe clinux_child_read(&child, &buffer, capacity)
  }
}
