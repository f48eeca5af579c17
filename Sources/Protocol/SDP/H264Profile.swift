// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// An H.264 profile and level as SDP negotiates them: `profile-level-id` (RFC 6184 section 8.1).
///
///     +--------+--------+--------+
///     |profile | flags  | level  |   three bytes, written as six hexadecimal digits; the flags are
///     | _idc   |012345--| _idc   |   constraint_set0 … constraint_set5 from the top bit down
///     +--------+--------+--------+
///
/// Different flags can say the same profile: 42e01f and 42c01f and 4d801f are all constrained
/// baseline. Equality is by meaning.
public struct H264Profile: Hashable, Sendable, CustomStringConvertible {
  /// The profiles of RFC 6184 table 5 and constrained high (RFC 9429's browsers use both).
  public enum Name: String, Hashable, Sendable, CaseIterable {
    /// What every browser decodes.
    case constrainedBaseline = "constrained baseline"
    /// With flexible macroblock order and redundant slices, which no browser decodes.
    case baseline = "baseline"
    /// With B-pictures, CABAC and interlace.
    case main = "main"
    /// With data partitioning.
    case extended = "extended"
    /// High without interlace and B-pictures.
    case constrainedHigh = "constrained high"
    /// With 8x8 transforms.
    case high = "high"
    /// 10 bits.
    case high10 = "high 10"
    /// Half colour.
    case high422 = "high 4:2:2"
    /// Full colour.
    case high444 = "high 4:4:4 predictive"
    /// 10 bits, intra pictures only.
    case high10Intra = "high 10 intra"
    /// Half colour, intra pictures only.
    case high422Intra = "high 4:2:2 intra"
    /// Full colour, intra pictures only.
    case high444Intra = "high 4:4:4 intra"
    /// Full colour, intra pictures only, without CABAC.
    case cavlc444Intra = "CAVLC 4:4:4 intra"
  }

  /// The profile.
  public var name: Name
  /// The highest level.
  public var level: H264Level

  /// Creates a profile at a level.
  public init(_ name: Name, _ level: H264Level) {
    self.name = name
    self.level = level
  }

  /// What RFC 6184 section 8.1 infers when `profile-level-id` is missing: baseline, level 1.
  public static let inferred = H264Profile(.baseline, .level1)

  /// Reads six hexadecimal digits; `nil` for anything else and for unknown profiles and levels.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 6, text.utf8.first != UInt8(ascii: "+"),
      let bits = UInt32(text, radix: 16)
    else { return nil }
    self.init(
      profileIndication: UInt8(truncatingIfNeeded: bits >> 16),
      constraints: UInt8(truncatingIfNeeded: bits >> 8),
      levelIndication: UInt8(truncatingIfNeeded: bits)
    )
  }

  /// Reads the three bytes as they stand in a sequence parameter set; `nil` for unknown ones.
  public init?(profileIndication: UInt8, constraints: UInt8, levelIndication: UInt8) {
    let name: Name? =
      switch (profileIndication, constraints) {
      case (0x42, let flags) where flags & 0x40 != 0: .constrainedBaseline
      case (0x4D, let flags) where flags & 0x80 != 0: .constrainedBaseline
      case (0x58, let flags) where flags & 0xC0 == 0xC0: .constrainedBaseline
      case (0x42, _): .baseline
      case (0x58, let flags) where flags & 0x80 != 0: .baseline
      case (0x4D, _): .main
      case (0x58, _): .extended
      case (0x64, let flags) where flags & 0x0C == 0x0C: .constrainedHigh
      case (0x64, _): .high
      case (0x6E, let flags): flags & 0x10 == 0 ? .high10 : .high10Intra
      case (0x7A, let flags): flags & 0x10 == 0 ? .high422 : .high422Intra
      case (0xF4, let flags): flags & 0x10 == 0 ? .high444 : .high444Intra
      case (0x2C, _): .cavlc444Intra
      default: nil
      }
    let hasFlag3Level = [0x42, 0x4D, 0x58].contains(profileIndication)
    let is1b =
      hasFlag3Level
      ? levelIndication == 11 && constraints & 0x10 != 0
      : levelIndication == 9
    guard let name, let level = is1b ? .level1b : H264Level(indication: levelIndication) else {
      return nil
    }
    self.init(name, level)
  }

  /// Whether two sides that declare these profiles may use the codec together: the profile must
  /// be the same, the level may differ (RFC 6184 section 8.2.2).
  public func isCompatible(with other: H264Profile) -> Bool {
    name == other.name
  }

  /// Whether a decoder that declares this profile decodes a stream of `stream`'s profile; says
  /// nothing of levels.
  public func decodes(_ stream: H264Profile) -> Bool {
    switch (name, stream.name) {
    case (let mine, let theirs) where mine == theirs: true
    case (.baseline, .constrainedBaseline), (.main, .constrainedBaseline),
      (.extended, .constrainedBaseline), (.extended, .baseline),
      (.constrainedHigh, .constrainedBaseline), (.high, .constrainedBaseline),
      (.high, .main), (.high, .constrainedHigh):
      true
    case (.high10, let theirs), (.high422, let theirs), (.high444, let theirs):
      [.constrainedBaseline, .main, .constrainedHigh, .high].contains(theirs)
    default: false
    }
  }

  /// The six digits of `profile-level-id`, in the form that browsers write.
  public var profileLevelID: String {
    let (indication, flags): (UInt8, UInt8) =
      switch name {
      case .constrainedBaseline: (0x42, 0xE0)
      case .baseline: (0x42, 0x00)
      case .main: (0x4D, 0x00)
      case .extended: (0x58, 0x00)
      case .constrainedHigh: (0x64, 0x0C)
      case .high: (0x64, 0x00)
      case .high10: (0x6E, 0x00)
      case .high422: (0x7A, 0x00)
      case .high444: (0xF4, 0x00)
      case .high10Intra: (0x6E, 0x10)
      case .high422Intra: (0x7A, 0x10)
      case .high444Intra: (0xF4, 0x10)
      case .cavlc444Intra: (0x2C, 0x10)
      }
    let hasFlag3Level = [0x42, 0x4D, 0x58].contains(indication)
    let extra: UInt8 = level == .level1b && hasFlag3Level ? 0x10 : 0
    let last = level == .level1b && !hasFlag3Level ? 9 : level.indication
    return [indication, flags | extra, last].map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The profile and level in words.
  public var description: String { "\(name.rawValue), level \(level)" }
}
