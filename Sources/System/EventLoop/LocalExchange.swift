// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// Says something to another program of this machine and waits for what it answers.
public enum LocalExchange {
  /// Connects to the Unix socket at `path`, writes `bytes`, and reads to the end of the answer, at most
  /// `limit` bytes; blocks, each step for at most so many `seconds`.
  ///
  /// - Throws: why that failed, in one sentence.
  public static func ask(
    _ path: String,
    _ bytes: [UInt8],
    limit: Int,
    seconds: Int = 5
  ) throws(LocalSocketError) -> [UInt8] {
    let opened = unsafe clinux_local_connect(path, Int32(clamping: seconds))
    guard opened >= 0 else { throw LocalSocketError(-opened, path, isListening: false) }
    let descriptor = StreamDescriptor(adopting: opened)
    var sent = 0
    while sent < bytes.count {
      switch descriptor.write(bytes.span.extracting(sent..<bytes.count)) {
      case .transferred(let count): sent += count
      case .wouldBlock: throw .failed(path: path, reason: "it does not read")
      case .failed(let code): throw LocalSocketError(code, path, isListening: false)
      }
    }
    descriptor.finishWriting()
    var answer: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1024)
    while answer.count < limit {
      switch descriptor.read(into: &part) {
      case .transferred(0): return answer
      case .transferred(let count): answer += part.prefix(min(count, limit - answer.count))
      case .wouldBlock: throw .failed(path: path, reason: "it does not answer")
      case .failed(let code): throw LocalSocketError(code, path, isListening: false)
      }
    }
    return answer
  }
}
