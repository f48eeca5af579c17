// SPDX-License-Identifier: Apache-2.0

/// A level of H.264: how much a decoder must be able to take (ITU-T H.264 table A-1).
public enum H264Level: Int, Hashable, Sendable, Comparable, CaseIterable, CustomStringConvertible {
  /// Level 1.
  case level1
  /// Level 1b, between 1 and 1.1.
  case level1b
  /// Level 1.1.
  case level1_1
  /// Level 1.2.
  case level1_2
  /// Level 1.3.
  case level1_3
  /// Level 2.
  case level2
  /// Level 2.1.
  case level2_1
  /// Level 2.2.
  case level2_2
  /// Level 3.
  case level3
  /// Level 3.1: 1280x720 at 30 pictures a second.
  case level3_1
  /// Level 3.2.
  case level3_2
  /// Level 4: 1920x1080 at 30 pictures a second.
  case level4
  /// Level 4.1.
  case level4_1
  /// Level 4.2: 1920x1080 at 60 pictures a second.
  case level4_2
  /// Level 5.
  case level5
  /// Level 5.1: 3840x2160 at 30 pictures a second.
  case level5_1
  /// Level 5.2.
  case level5_2
  /// Level 6.
  case level6
  /// Level 6.1.
  case level6_1
  /// Level 6.2.
  case level6_2

  /// Whether `lhs` asks less of a decoder than `rhs`.
  public static func < (lhs: H264Level, rhs: H264Level) -> Bool {
    lhs.rawValue < rhs.rawValue
  }

  /// The level that `level_idc` says (ten times its number); `nil` for an unknown one.
  ///
  /// Level 1b is not told apart here: how it is written depends on the profile.
  public init?(indication: UInt8) {
    guard
      let level = Self.allCases.first(where: { $0 != .level1b && $0.indication == indication })
    else { return nil }
    self = level
  }

  /// The value of `level_idc`: ten times the level's number (11 for level 1b).
  public var indication: UInt8 { limits.indication }

  /// The lowest level that allows pictures of `size` at `frameRate`, a baseline or main stream of
  /// `bitrate`, and a buffer of `bufferKilobits`.
  ///
  /// `nil` when no level suffices or size or rate is not positive.
  public static func lowest(
    for size: PictureSize,
    _ frameRate: FrameRate,
    _ bitrate: Bitrate = Bitrate(bitsPerSecond: 0),
    bufferKilobits: Int = 0
  ) -> H264Level? {
    let sides = 1...65_535
    guard sides.contains(size.width), sides.contains(size.height), frameRate.numerator > 0,
      frameRate.denominator > 0
    else { return nil }
    let columns = (size.width + 15) / 16
    let lines = (size.height + 15) / 16
    let longest = max(columns, lines)
    let macroblocks = columns * lines
    return allCases.first { level in
      let limits = level.limits
      // A picture may be long, but no longer than the square root of eight times its macroblocks.
      return longest * longest <= 8 * limits.picture && macroblocks <= limits.picture
        && macroblocks * frameRate.numerator <= limits.rate * frameRate.denominator
        && bitrate.bitsPerSecond <= limits.kilobits * 1_000
        && bufferKilobits <= limits.buffer
    }
  }

  /// The level's number: `3.1`.
  public var description: String {
    guard self != .level1b else { return "1b" }
    return indication % 10 == 0 ? "\(indication / 10)" : "\(indication / 10).\(indication % 10)"
  }

  private var limits: (indication: UInt8, rate: Int, picture: Int, kilobits: Int, buffer: Int) {
    switch self {
    case .level1: (10, 1_485, 99, 64, 175)
    case .level1b: (11, 1_485, 99, 128, 350)
    case .level1_1: (11, 3_000, 396, 192, 500)
    case .level1_2: (12, 6_000, 396, 384, 1_000)
    case .level1_3: (13, 11_880, 396, 768, 2_000)
    case .level2: (20, 11_880, 396, 2_000, 2_000)
    case .level2_1: (21, 19_800, 792, 4_000, 4_000)
    case .level2_2: (22, 20_250, 1_620, 4_000, 4_000)
    case .level3: (30, 40_500, 1_620, 10_000, 10_000)
    case .level3_1: (31, 108_000, 3_600, 14_000, 14_000)
    case .level3_2: (32, 216_000, 5_120, 20_000, 20_000)
    case .level4: (40, 245_760, 8_192, 20_000, 25_000)
    case .level4_1: (41, 245_760, 8_192, 50_000, 62_500)
    case .level4_2: (42, 522_240, 8_704, 50_000, 62_500)
    case .level5: (50, 589_824, 22_080, 135_000, 135_000)
    case .level5_1: (51, 983_040, 36_864, 240_000, 240_000)
    case .level5_2: (52, 2_073_600, 36_864, 240_000, 240_000)
    case .level6: (60, 4_177_920, 139_264, 240_000, 240_000)
    case .level6_1: (61, 8_355_840, 139_264, 480_000, 480_000)
    case .level6_2: (62, 16_711_680, 139_264, 800_000, 800_000)
    }
  }
}
