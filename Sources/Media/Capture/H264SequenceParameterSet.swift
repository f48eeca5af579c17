// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// What we need of a sequence parameter set (H.264 sections 7.3.2.1.1 and E.1.1).
///
///     | 67 | profile_idc | constraint flags | level_idc | then bits: id, samples, size, crop, VUI |
struct H264SequenceParameterSet: Hashable {
  /// profile_idc, the constraint flags and level_idc.
  var profileLevelID: [UInt8]
  /// seq_parameter_set_id.
  var id: Int
  /// Whether samples are 8-bit 4:2:0.
  var hasCommonSamples = true
  /// Whether pictures are never fields.
  var isProgressive = true
  /// Width and height after cropping.
  var size: PictureSize
  /// The rate that the timing of the VUI says; `nil` without, or beyond 1 to 240 a second.
  var frameRate: FrameRate?

  /// Reads a NAL unit with its header byte; `nil` when it is none, or broken.
  init?(_ unit: Span<UInt8>) {
    guard unit.count > 4, unit[0] & 0x9F == 7 else { return nil }
    profileLevelID = [unit[1], unit[2], unit[3]]
    var reader = BitReader(unit.extracting(4..<unit.count))
    guard let id = reader.readUnsigned(upTo: 31) else { return nil }
    self.id = id
    var chroma = 1
    if Self.withSamples.contains(unit[1]) {
      guard let format = reader.readUnsigned(upTo: 3) else { return nil }
      chroma = format
      if format == 3 { guard reader.readFlag() != nil else { return nil } }
      guard let luma = reader.readUnsigned(upTo: 6), let other = reader.readUnsigned(upTo: 6),
        reader.readFlag() != nil, Self.skipScaling(&reader, lists: format == 3 ? 12 : 8)
      else { return nil }
      hasCommonSamples = format == 1 && luma == 0 && other == 0
    }
    guard Self.skipOrder(&reader), reader.readUnsigned() != nil, reader.readFlag() != nil,
      let columns = reader.readUnsigned(upTo: 1023), let rows = reader.readUnsigned(upTo: 1023),
      let isProgressive = reader.readFlag()
    else { return nil }
    self.isProgressive = isProgressive
    if !isProgressive { guard reader.readFlag() != nil else { return nil } }
    guard reader.readFlag() != nil, let isCropped = reader.readFlag() else { return nil }
    var width = (columns + 1) * 16
    var height = (rows + 1) * (isProgressive ? 16 : 32)
    if isCropped {
      let across = chroma == 1 || chroma == 2 ? 2 : 1
      let down = (chroma == 1 ? 2 : 1) * (isProgressive ? 1 : 2)
      guard let left = reader.readUnsigned(upTo: 16384),
        let right = reader.readUnsigned(upTo: 16384), let top = reader.readUnsigned(upTo: 16384),
        let bottom = reader.readUnsigned(upTo: 16384)
      else { return nil }
      width -= (left + right) * across
      height -= (top + bottom) * down
    }
    guard width > 0, height > 0, let hasVUI = reader.readFlag() else { return nil }
    size = PictureSize(width: width, height: height)
    if hasVUI { frameRate = Self.frameRate(&reader) }
  }

  /// The profiles whose parameter sets describe the samples.
  private static let withSamples: Set<UInt8> = [
    44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244,
  ]

  private static func skipScaling(_ reader: inout BitReader, lists: Int) -> Bool {
    guard let hasLists = reader.readFlag() else { return false }
    guard hasLists else { return true }
    for list in 0..<lists {
      guard let isPresent = reader.readFlag() else { return false }
      guard isPresent else { continue }
      var last = 8
      for _ in 0..<(list < 6 ? 16 : 64) {
        guard let delta = reader.readSigned(), (-128...127).contains(delta) else { return false }
        let next = (last + delta) & 255
        // Zero: the rest of the list is as the last one.
        guard next != 0 else { break }
        last = next
      }
    }
    return true
  }

  /// The numbering of frames and the order of output.
  private static func skipOrder(_ reader: inout BitReader) -> Bool {
    guard reader.readUnsigned(upTo: 12) != nil, let type = reader.readUnsigned(upTo: 2) else {
      return false
    }
    switch type {
    case 0: return reader.readUnsigned(upTo: 12) != nil
    case 1:
      guard reader.readFlag() != nil, reader.readSigned() != nil, reader.readSigned() != nil,
        let count = reader.readUnsigned(upTo: 255)
      else { return false }
      for _ in 0..<count {
        guard reader.readSigned() != nil else { return false }
      }
      return true
    default: return true
    }
  }

  /// Reads the VUI up to its timing.
  private static func frameRate(_ reader: inout BitReader) -> FrameRate? {
    guard let hasAspect = reader.readFlag() else { return nil }
    if hasAspect {
      guard let aspect = reader.readBits(8) else { return nil }
      if aspect == 255 { guard reader.readBits(32) != nil else { return nil } }
    }
    guard let hasOverscan = reader.readFlag() else { return nil }
    if hasOverscan { guard reader.readFlag() != nil else { return nil } }
    guard let hasSignal = reader.readFlag() else { return nil }
    if hasSignal {
      guard reader.readBits(4) != nil, let hasColors = reader.readFlag() else { return nil }
      if hasColors { guard reader.readBits(24) != nil else { return nil } }
    }
    guard let hasChromaPlace = reader.readFlag() else { return nil }
    if hasChromaPlace {
      guard reader.readUnsigned() != nil, reader.readUnsigned() != nil else { return nil }
    }
    // A tick is the time of a field: a picture takes two.
    guard reader.readFlag() == true, let tick = reader.readBits(32),
      let scale = reader.readBits(32)
    else { return nil }
    let numerator = Int(scale)
    let denominator = Int(tick) * 2
    guard numerator >= denominator, numerator <= denominator * 240, denominator > 0 else {
      return nil
    }
    return FrameRate(numerator, per: denominator)
  }
}
