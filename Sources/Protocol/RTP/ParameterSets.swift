// SPDX-License-Identifier: Apache-2.0

/// The parameter sets that an H.264 stream has sent last, for keyframes that come without.
struct ParameterSets: Sendable {
  /// More bytes or units than any encoder needs are not kept.
  private static let maximumBytes = 4096
  private static let maximumUnits = 16

  private var sequence: [[UInt8]] = []
  private var picture: [[UInt8]] = []

  /// Keeps the parameter sets of `unit`, if it has any.
  mutating func remember(_ unit: H264Depacketizer.AccessUnit) {
    let sequence = Self.units(of: unit, .sequenceParameterSet)
    let picture = Self.units(of: unit, .pictureParameterSet)
    // Sets of a picture refer to those of the sequence: new ones of the latter end the former.
    if !sequence.isEmpty {
      self.sequence = sequence
      self.picture = []
    }
    if !picture.isEmpty { self.picture = picture }
  }

  /// `unit` with parameter sets at its beginning where it lacks them; `nil` if none are known.
  ///
  /// Call `remember` with it first.
  func complete(_ unit: H264Depacketizer.AccessUnit) -> H264Depacketizer.AccessUnit? {
    guard !sequence.isEmpty, !picture.isEmpty else { return nil }
    let types = unit.nalUnits.map { H264NALUnitType(rawValue: unit.bytes[$0.lowerBound]) }
    var lacking: [[UInt8]] = []
    if !types.contains(.sequenceParameterSet) { lacking += sequence }
    if !types.contains(.pictureParameterSet) { lacking += picture }
    guard !lacking.isEmpty else { return unit }
    // An access unit delimiter must stay first, and parameter sets of its own behind ours.
    let first = types.first == .accessUnitDelimiter ? 1 : 0
    let hasSequence = types.contains(.sequenceParameterSet)
    let at = hasSequence ? 1 + (types.lastIndex(of: .sequenceParameterSet) ?? 0) : first
    var whole = unit
    whole.bytes = []
    whole.nalUnits = []
    for range in unit.nalUnits[..<at] { whole.append(unit.bytes[range]) }
    for set in lacking { whole.append(set[...]) }
    for range in unit.nalUnits[at...] { whole.append(unit.bytes[range]) }
    return whole
  }

  private static func units(
    of unit: H264Depacketizer.AccessUnit,
    _ type: H264NALUnitType
  ) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var bytes = 0
    for range in unit.nalUnits
    where H264NALUnitType(rawValue: unit.bytes[range.lowerBound]) == type {
      bytes += range.count
      guard bytes <= maximumBytes, found.count < maximumUnits else { return [] }
      found.append(Array(unit.bytes[range]))
    }
    return found
  }
}

extension H264Depacketizer.AccessUnit {
  fileprivate mutating func append(_ unit: ArraySlice<UInt8>) {
    let start = bytes.count
    bytes += unit
    nalUnits.append(start..<bytes.count)
  }
}
