// SPDX-License-Identifier: Apache-2.0

/// A walk over the NAL units of a byte stream with start codes (H.264 annex B).
///
///     | 00 00 00 01 | NAL unit | 00 00 01 | NAL unit | …
///
/// Bytes before the first start code and zero bytes after a NAL unit are passed over; empty units
/// are left out. The walk is linear in the length of the stream.
public struct AnnexB: ~Escapable {
  private let bytes: Span<UInt8>
  private var position: Int

  /// Starts at the first NAL unit of `bytes`.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    position = 0
    position = startCode(from: 0).map { $0 + 3 } ?? bytes.count
  }

  /// Where the next NAL unit lies, its header byte first; `nil` after the last.
  public mutating func next() -> Range<Int>? {
    while position < bytes.count {
      let start = position
      let code = startCode(from: start)
      position = code.map { $0 + 3 } ?? bytes.count
      var end = code ?? bytes.count
      while end > start, bytes[end - 1] == 0 { end -= 1 }
      if end > start { return start..<end }
    }
    return nil
  }

  /// All NAL units of `bytes`, at most `limit`.
  public static func nalUnits(in bytes: Span<UInt8>, limit: Int = 4096) -> [Range<Int>] {
    var walk = AnnexB(bytes)
    var units: [Range<Int>] = []
    while units.count < limit, let unit = walk.next() { units.append(unit) }
    return units
  }

  /// The offset of the next 00 00 01 at or after `start`.
  private func startCode(from start: Int) -> Int? {
    var index = start + 2
    while index < bytes.count {
      // The third byte decides how far one may leap: over 1 there is no code in these three.
      let third = bytes[index]
      if third > 1 {
        index += 3
      } else if third == 1 {
        if bytes[index - 1] == 0, bytes[index - 2] == 0 { return index - 2 }
        index += 3
      } else {
        index += 1
      }
    }
    return nil
  }
}
