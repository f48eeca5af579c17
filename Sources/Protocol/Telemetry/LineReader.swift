// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream of bytes into lines that end with a line feed.
public struct LineReader: Sendable {
  /// What a stream consists of.
  public enum Line: Equatable, Sendable {
    /// A line without its end.
    case line([UInt8])
    /// A line was longer than may be, and is passed over.
    case tooLong
  }

  private let limit: Int
  private var part: [UInt8] = []
  private var isSkipping = false

  /// Creates a reader of lines of at most `limit` bytes.
  public init(limit: Int) {
    self.limit = limit
  }

  /// Takes the next bytes; answers the lines that end in them.
  ///
  /// A carriage return before the line feed belongs to the end; empty lines are passed over.
  public mutating func receive(_ bytes: Span<UInt8>) -> [Line] {
    var lines: [Line] = []
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\n") {
        if let line = end() { lines.append(line) }
      } else if part.count < limit {
        part.append(byte)
      } else {
        isSkipping = true
      }
    }
    return lines
  }

  /// The last line of a stream that ended without a line feed.
  public mutating func finish() -> Line? {
    end()
  }

  private mutating func end() -> Line? {
    defer {
      part.removeAll(keepingCapacity: true)
      isSkipping = false
    }
    guard !isSkipping else { return .tooLong }
    if part.last == UInt8(ascii: "\r") { part.removeLast() }
    return part.isEmpty ? nil : .line(part)
  }
}
