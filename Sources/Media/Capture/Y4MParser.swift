// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// Reads a YUV4MPEG2 stream without touching it: says what to read next, and is told what came.
///
/// Samples never pass through it: they are read straight into a picture's memory.
struct Y4MParser {
  /// What the caller does next.
  enum Step: Hashable {
    /// Read at most `count` bytes and hand them to `receive`.
    case line(count: Int)
    /// Read at most `count` bytes to `offset` in the picture, and tell `receive(samples:)`.
    case samples(offset: Int, count: Int)
    /// The picture is complete: call `nextPicture`.
    case complete
  }

  private enum State {
    case header
    case frame
    case samples(Int)
    case complete
  }

  /// What the stream said about itself; `nil` before its first line is complete.
  private(set) var header: Y4MHeader?
  /// Bytes of the samples of a picture; 0 before the header.
  private(set) var pictureByteCount = 0
  /// Bytes of the stream's first line, newline included: where the first picture begins.
  private(set) var headerByteCount = 0
  private var state = State.header
  private var line: [UInt8] = []

  /// What to do next.
  var step: Step {
    switch state {
    case .header: .line(count: line.count < 10 ? 10 - line.count : 1)
    case .frame: .line(count: line.count < 6 ? 6 - line.count : 1)
    case .samples(let offset): .samples(offset: offset, count: pictureByteCount - offset)
    case .complete: .complete
    }
  }

  /// Whether the stream may end here: between two pictures.
  var isBetweenPictures: Bool {
    guard case .frame = state else { return false }
    return line.isEmpty
  }

  /// Takes bytes of a line; never more than `step` asked for.
  mutating func receive(_ bytes: Span<UInt8>) throws(Y4MHeader.Malformed) {
    for index in bytes.indices {
      line.append(bytes[index])
      guard bytes[index] == UInt8(ascii: "\n") else { continue }
      try endLine()
      return
    }
    switch state {
    case .header:
      guard line.count < 1024 else {
        throw Y4MHeader.Malformed(reason: "has an endless first line")
      }
      guard line.starts(with: Array("YUV4MPEG2 ".utf8).prefix(line.count)) else {
        throw Y4MHeader.Malformed(reason: "does not begin with YUV4MPEG2")
      }
    case .frame:
      guard line.count < 256, line.starts(with: Array("FRAME".utf8).prefix(line.count)) else {
        throw Y4MHeader.Malformed(reason: "has no FRAME where a picture should begin")
      }
    case .samples, .complete: line.removeAll(keepingCapacity: true)
    }
  }

  /// Counts samples that were read into the picture.
  mutating func receive(samples count: Int) {
    guard case .samples(let offset) = state else { return }
    let end = offset + max(0, min(count, pictureByteCount - offset))
    state = end == pictureByteCount ? .complete : .samples(end)
  }

  /// Begins the next picture.
  mutating func nextPicture() {
    line.removeAll(keepingCapacity: true)
    if header != nil { state = .frame }
  }

  private mutating func endLine() throws(Y4MHeader.Malformed) {
    defer { line.removeAll(keepingCapacity: true) }
    switch state {
    case .header:
      let header = try Y4MHeader(line.span.extracting(0..<line.count - 1))
      self.header = header
      headerByteCount = line.count
      pictureByteCount = header.size.width * header.size.height * 3 / 2
      state = .frame
    case .frame:
      let isFrame = line.starts(with: Array("FRAME".utf8))
      guard isFrame, line.count >= 6, line[5] == UInt8(ascii: " ") || line[5] == UInt8(ascii: "\n")
      else {
        throw Y4MHeader.Malformed(reason: "has no FRAME where a picture should begin")
      }
      state = .samples(0)
    case .samples, .complete: return
    }
  }
}
