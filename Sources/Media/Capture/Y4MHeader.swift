// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// The first line of a YUV4MPEG2 stream: `YUV4MPEG2 W640 H360 F30:1 …`.
struct Y4MHeader: Hashable {
  /// Why a line is not one that we can play, to be read after the file's name.
  struct Malformed: Error, Hashable {
    var reason: String
  }

  var size: PictureSize
  var frameRate: FrameRate
  var isFullRange = false

  /// Reads the line without its newline.
  ///
  /// Width and height must be even, at least 16 and at most 8,192, and no more pixels than
  /// H.264 level 5.2 has; the rate at most 240.
  init(_ line: Span<UInt8>) throws(Malformed) {
    var words = Words(line)
    guard words.next().map({ Self.is($0, in: line, "YUV4MPEG2") }) ?? false else {
      throw Malformed(reason: "does not begin with YUV4MPEG2")
    }
    var width = 0
    var height = 0
    var rate: FrameRate?
    while let word = words.next() {
      guard word.lowerBound < word.upperBound else { continue }
      let value = word.lowerBound + 1..<word.upperBound
      switch line[word.lowerBound] {
      case UInt8(ascii: "W"): width = Self.number(line, value) ?? 0
      case UInt8(ascii: "H"): height = Self.number(line, value) ?? 0
      case UInt8(ascii: "F"): rate = try Self.rate(line, value)
      case UInt8(ascii: "I"):
        guard Self.is(value, in: line, "p") || Self.is(value, in: line, "?") else {
          throw Malformed(reason: "is interlaced")
        }
      case UInt8(ascii: "C"):
        guard Self.known.contains(where: { Self.is(value, in: line, $0) }) else {
          throw Malformed(reason: "has samples of layout \(Self.text(line, value))")
        }
      case UInt8(ascii: "X"):
        if Self.is(value, in: line, "COLORRANGE=FULL") { isFullRange = true }
      default: continue
      }
    }
    guard (16...8192).contains(width), (16...8192).contains(height),
      width * height <= 36_864 * 256
    else { throw Malformed(reason: "has pictures of \(width)x\(height)") }
    guard width % 2 == 0, height % 2 == 0 else {
      throw Malformed(reason: "has an odd width or height (\(width)x\(height))")
    }
    size = PictureSize(width: width, height: height)
    frameRate = rate ?? FrameRate(30)
  }

  private static let known = ["420", "420jpeg", "420mpeg2", "420paldv"]

  /// `N:D`; nothing known (`0:0`) is no rate.
  private static func rate(_ line: Span<UInt8>, _ value: Range<Int>) throws(Malformed) -> FrameRate?
  {
    var colon = value.lowerBound
    while colon < value.upperBound, line[colon] != UInt8(ascii: ":") { colon += 1 }
    guard colon < value.upperBound,
      let numerator = number(line, value.lowerBound..<colon),
      let denominator = number(line, colon + 1..<value.upperBound)
    else { throw Malformed(reason: "has no readable frame rate") }
    guard numerator != 0 || denominator != 0 else { return nil }
    guard numerator > 0, denominator > 0, numerator <= 240 * denominator,
      denominator <= 100 * numerator
    else { throw Malformed(reason: "has a frame rate of \(numerator):\(denominator)") }
    return FrameRate(numerator, per: denominator)
  }

  /// A number of one to nine digits.
  private static func number(_ line: Span<UInt8>, _ digits: Range<Int>) -> Int? {
    guard (1...9).contains(digits.count) else { return nil }
    var number = 0
    for index in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[index]) else { return nil }
      number = number * 10 + Int(line[index] - UInt8(ascii: "0"))
    }
    return number
  }

  private static func `is`(_ range: Range<Int>, in line: Span<UInt8>, _ text: String) -> Bool {
    let wanted = text.utf8
    guard wanted.count == range.count else { return false }
    return zip(range, wanted).allSatisfy { line[$0] == $1 }
  }

  /// Printable text of a word, for a message.
  private static func text(_ line: Span<UInt8>, _ range: Range<Int>) -> String {
    String(
      decoding: range.prefix(32).map { (33...126).contains(line[$0]) ? line[$0] : 63 },
      as: UTF8.self
    )
  }

  /// Goes through the words between spaces.
  private struct Words: ~Escapable {
    private let line: Span<UInt8>
    private var position = 0

    @_lifetime(copy line)
    init(_ line: Span<UInt8>) {
      self.line = line
    }

    @_lifetime(self: copy self)
    mutating func next() -> Range<Int>? {
      guard position <= line.count else { return nil }
      let start = position
      while position < line.count, line[position] != UInt8(ascii: " ") { position += 1 }
      defer { position += 1 }
      return start..<position
    }
  }
}
