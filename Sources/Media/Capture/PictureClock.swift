// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// Two rows of blocks on top of the test pattern that a page can read back.
///
/// Row 0 is the time of day in milliseconds, row 1 the frame number, 32 bits each. A row is 40
/// blocks: light and dark, the number from its most significant bit on, the sum of its eight hexadecimal digits
/// as four bits, dark and light. Light is luma 210, dark 40: it survives any usual encoding.
public enum PictureClock {
  /// Blocks in a row.
  public static let columns = 40
  /// Luma of a one.
  public static let light: UInt8 = 210
  /// Luma of a zero.
  public static let dark: UInt8 = 40

  /// Lines that one row takes in a picture of `height` lines: 24 of 720.
  public static func blockHeight(in height: Int) -> Int {
    max(1, height * 24 / 720)
  }

  /// The 40 blocks of `value`, the first one in bit 39.
  public static func blocks(of value: UInt32) -> UInt64 {
    0b10 << 38 | UInt64(value) << 6 | UInt64(digitSum(of: value)) << 2 | 0b01
  }

  /// The value of 40 blocks, or `nil` when frame or sum are wrong.
  public static func value(of blocks: UInt64) -> UInt32? {
    let value = UInt32(truncatingIfNeeded: blocks >> 6)
    return Self.blocks(of: value) == blocks ? value : nil
  }

  /// Paints `value` as row `row` (0 or 1) into a plane of luma.
  public static func paint(
    _ value: UInt32,
    row: Int,
    into luma: inout MutableSpan<UInt8>,
    _ plane: PictureLayout.Plane
  ) {
    let blocks = blocks(of: value)
    let height = blockHeight(in: plane.height)
    for line in row * height..<(row + 1) * height {
      var column = 0
      for block in 0..<columns {
        let shade = blocks >> UInt64(columns - 1 - block) & 1 == 1 ? light : dark
        let end = (block + 1) * plane.width / columns
        while column < end {
          luma[line &* plane.stride &+ column] = shade
          column &+= 1
        }
      }
    }
  }

  /// Reads row `row` (0 or 1) from a plane of luma; `nil` when it holds no such row.
  public static func read(row: Int, from luma: Span<UInt8>, _ plane: PictureLayout.Plane) -> UInt32?
  {
    let height = blockHeight(in: plane.height)
    let line = row * height + height / 2
    var blocks: UInt64 = 0
    for block in 0..<columns {
      let column = (2 * block + 1) * plane.width / (2 * columns)
      let sample = luma[line * plane.stride + column]
      blocks = blocks << 1 | (sample > 125 ? 1 : 0)
    }
    return value(of: blocks)
  }

  private static func digitSum(of value: UInt32) -> UInt32 {
    var sum: UInt32 = 0
    for digit in 0..<8 { sum += value >> UInt32(digit * 4) & 15 }
    return sum & 15
  }
}
