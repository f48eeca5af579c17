// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// A level of H.264: how much a decoder must be able to do (ITU-T H.264 table A-1).
public struct H264Level: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Ten times the level's number: 31 is level 3.1.
  public let indication: UInt8
  private let macroblocksPerSecond: Int
  private let macroblocksPerFrame: Int
  private let kilobitsPerSecond: Int
  private let bufferKilobits: Int

  /// The levels from 1 to 5.2, without 1b.
  public static let all: [H264Level] = [
    H264Level(10, 1_485, 99, 64, 175),
    H264Level(11, 3_000, 396, 192, 500),
    H264Level(12, 6_000, 396, 384, 1_000),
    H264Level(13, 11_880, 396, 768, 2_000),
    H264Level(20, 11_880, 396, 2_000, 2_000),
    H264Level(21, 19_800, 792, 4_000, 4_000),
    H264Level(22, 20_250, 1_620, 4_000, 4_000),
    H264Level(30, 40_500, 1_620, 10_000, 10_000),
    H264Level(31, 108_000, 3_600, 14_000, 14_000),
    H264Level(32, 216_000, 5_120, 20_000, 20_000),
    H264Level(40, 245_760, 8_192, 20_000, 25_000),
    H264Level(41, 245_760, 8_192, 50_000, 62_500),
    H264Level(42, 522_240, 8_704, 50_000, 62_500),
    H264Level(50, 589_824, 22_080, 135_000, 135_000),
    H264Level(51, 983_040, 36_864, 240_000, 240_000),
    H264Level(52, 2_073_600, 36_864, 240_000, 240_000),
  ]

  /// Level 3.1: 1280x720 at 30 frames per second, which every WebRTC receiver of H.264 knows.
  public static let level3_1 = H264Level(31, 108_000, 3_600, 14_000, 14_000)

  /// Level 5.2, the highest that is used here.
  public static let level5_2 = H264Level(52, 2_073_600, 36_864, 240_000, 240_000)

  private init(_ indication: UInt8, _ perSecond: Int, _ perFrame: Int, _ rate: Int, _ buffer: Int) {
    self.indication = indication
    macroblocksPerSecond = perSecond
    macroblocksPerFrame = perFrame
    kilobitsPerSecond = rate
    bufferKilobits = buffer
  }

  /// The lowest level that allows pictures of `size` at `frameRate`, `bitrate` and a buffer of
  /// `bufferKilobits`; `nil` when none does.
  public static func lowest(
    for size: PictureSize,
    _ frameRate: FrameRate,
    _ bitrate: Bitrate,
    bufferKilobits: Int
  ) -> H264Level? {
    let columns = (size.width + 15) / 16
    let lines = (size.height + 15) / 16
    let macroblocks = columns * lines
    return all.first { level in
      // A picture may be long, but no longer than the square root of eight times its macroblocks.
      columns * columns <= 8 * level.macroblocksPerFrame
        && lines * lines <= 8 * level.macroblocksPerFrame
        && macroblocks <= level.macroblocksPerFrame
        && macroblocks * frameRate.numerator <= level.macroblocksPerSecond * frameRate.denominator
        && bitrate.bitsPerSecond <= level.kilobitsPerSecond * 1000
        && bufferKilobits <= level.bufferKilobits
    }
  }

  /// Whether `lhs` is the lower level.
  public static func < (lhs: H264Level, rhs: H264Level) -> Bool {
    lhs.indication < rhs.indication
  }

  /// The level's number, such as `3.1`.
  public var description: String { "\(indication / 10).\(indication % 10)" }
}
