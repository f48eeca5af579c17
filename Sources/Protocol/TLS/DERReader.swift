// SPDX-License-Identifier: Apache-2.0

/// Reads one value of DER after another; whatever is not well-formed is the end.
struct DERReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  /// The next value, whatever it is.
  mutating func next() -> (tag: UInt8, contents: ArraySlice<UInt8>)? {
    guard rest.count >= 2 else { return nil }
    let tag = rest[rest.startIndex]
    var length = Int(rest[rest.startIndex + 1])
    var header = 2
    if length >= 0x80 {
      let count = length & 0x7F
      guard (1...3).contains(count), rest.count >= 2 + count else { return nil }
      header += count
      length = rest.dropFirst(2).prefix(count).reduce(0) { $0 << 8 | Int($1) }
    }
    guard rest.count >= header + length else { return nil }
    let contents = rest.dropFirst(header).prefix(length)
    rest = rest.dropFirst(header + length)
    return (tag, contents)
  }

  /// The contents of the next value, if its tag is `tag`; else nothing is read.
  mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
    var ahead = self
    guard let value = ahead.next(), value.tag == tag else { return nil }
    self = ahead
    return value.contents
  }

  /// What stands inside the next value, if its tag is `tag`; else nothing is read.
  mutating func enter(_ tag: UInt8 = 0x30) -> DERReader? {
    next(tag).map { DERReader($0) }
  }
}
