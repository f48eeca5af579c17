// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
private import Wire

/// What a sequence parameter set says about the decoder it needs (H.264 section 7.3.2.1.1).
///
///     | NAL header (type 7) | profile_idc:8 | constraint flags:8 | level_idc:8 | …
///
/// The three bytes are SDP's profile-level-id (RFC 6184 section 8.1): the stream must be what the
/// answer promised.
public struct H264ParameterSets: Hashable, Sendable {
  /// profile_idc: 66 baseline, 77 main, 100 high.
  public var profile: UInt8
  /// constraint_set0_flag in the highest bit to constraint_set5_flag, then two zero bits.
  public var constraints: UInt8
  /// level_idc: ten times the level, so 31 is level 3.1.
  public var level: UInt8

  /// Reads a sequence parameter set, a NAL unit with its header byte; `nil` if it is none.
  public init?(sequenceParameterSet unit: Span<UInt8>) {
    var reader = ByteReader(unit)
    guard let header = reader.readUInt8(), header & 0x80 == 0,
      H264NALUnitType(rawValue: header) == .sequenceParameterSet,
      let profile = reader.readUInt8(), let constraints = reader.readUInt8(),
      let level = reader.readUInt8()
    else { return nil }
    self.profile = profile
    self.constraints = constraints
    self.level = level
  }

  /// Finds and reads the first sequence parameter set of `frame`; `nil` if there is none.
  public init?(of frame: EncodedFrame) {
    let data = frame.bytes
    let bytes = data.span
    for range in frame.nalUnits {
      guard let found = H264ParameterSets(sequenceParameterSet: bytes.extracting(range)) else {
        continue
      }
      self = found
      return
    }
    return nil
  }

  /// The 24 bits of SDP's profile-level-id, such as 0x42E01F.
  public var profileLevelID: UInt32 {
    UInt32(profile) << 16 | UInt32(constraints) << 8 | UInt32(level)
  }

  /// Whether the stream keeps to constrained baseline: baseline with constraint_set1_flag, which
  /// every WebRTC endpoint decodes (RFC 7742 section 6.2).
  public var isConstrainedBaseline: Bool {
    profile == 66 && constraints & 0x40 != 0
  }
}
