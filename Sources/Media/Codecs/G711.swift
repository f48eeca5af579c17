// SPDX-License-Identifier: Apache-2.0

/// The codec of the telephone network (ITU-T G.711): one byte a sample, 8,000 samples a second.
///
/// Both laws are tables made once from the recommendation's rule: segments whose steps double.
public enum G711: String, Hashable, Sendable {
  /// North America and Japan, RTP's payload type 0.
  case muLaw = "PCMU"
  /// Elsewhere, RTP's payload type 8.
  case aLaw = "PCMA"

  /// What a sample of silence is.
  public var silence: UInt8 {
    switch self {
    case .muLaw: 0xFF
    case .aLaw: 0xD5
    }
  }

  /// The sample that `byte` stands for: 14 (µ-law) or 13 (A-law) bits at the upper end of 16.
  public func decode(_ byte: UInt8) -> Int16 {
    switch self {
    case .muLaw: Self.muLawSamples[Int(byte)]
    case .aLaw: Self.aLawSamples[Int(byte)]
    }
  }

  /// The byte whose sample is nearest to `sample`.
  public func encode(_ sample: Int16) -> UInt8 {
    switch self {
    case .muLaw: Self.muLawByte(sample)
    case .aLaw: Self.aLawByte(sample)
    }
  }

  private static let muLawSamples = (0...255).map { muLawSample(UInt8($0)) }
  private static let aLawSamples = (0...255).map { aLawSample(UInt8($0)) }

  /// Table 2b: with all bits inverted, sign, segment, and step in the segment.
  private static func muLawSample(_ byte: UInt8) -> Int16 {
    let bits = ~byte
    let magnitude = ((Int(bits & 0x0F) << 3) + 0x84) << Int(bits >> 4 & 7) - 0x84
    return Int16(bits & 0x80 == 0 ? magnitude : -magnitude)
  }

  /// Table 2a: the bias of 33 in 14 bits puts each segment's beginning on a power of 2.
  private static func muLawByte(_ sample: Int16) -> UInt8 {
    let magnitude = min(Int(sample.magnitude), 32_635) + 0x84
    let segment = Int.bitWidth - 8 - magnitude.leadingZeroBitCount
    let step = magnitude >> (segment + 3) & 0x0F
    return ~UInt8((sample < 0 ? 0x80 : 0) | segment << 4 | step)
  }

  /// Table 1b: with the even bits inverted, sign, segment, and step; the first two segments are one.
  private static func aLawSample(_ byte: UInt8) -> Int16 {
    let bits = byte ^ 0x55
    let segment = Int(bits >> 4 & 7)
    let step = Int(bits & 0x0F) << 4
    let magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1)
    return Int16(bits & 0x80 == 0 ? -magnitude : magnitude)
  }

  /// Table 1a.
  private static func aLawByte(_ sample: Int16) -> UInt8 {
    // Below zero the steps lie as above it, one value down.
    let magnitude = sample < 0 ? Int(~sample) : Int(sample)
    let segment = max(0, Int.bitWidth - 8 - magnitude.leadingZeroBitCount)
    let step = magnitude >> (segment == 0 ? 4 : segment + 3) & 0x0F
    return UInt8((sample < 0 ? 0 : 0x80) | segment << 4 | step) ^ 0x55
  }
}
