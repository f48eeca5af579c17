// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

extension EncodedFrame {
  /// A frame whose NAL units have these sizes and types, filled with repeatable noise.
  public static func sample(
    _ sizes: [Int],
    types: [UInt8] = [],
    number: UInt64 = 0,
    captured: Timestamp = .zero,
    isKeyframe: Bool = false,
    using random: inout RandomSource
  ) -> EncodedFrame {
    var bytes: [UInt8] = []
    var units: [Range<Int>] = []
    for (index, size) in sizes.enumerated() {
      let start = bytes.count
      let type = index < types.count ? types[index] : isKeyframe ? 5 : 1
      var word = random.next()
      for position in 0..<size {
        if position == 0 {
          bytes.append(0x60 | type)
        } else {
          bytes.append(UInt8(truncatingIfNeeded: word))
          word = word &* 0x5851_F42D_4C95_7F2D &+ 1
          word = word << 9 | word >> 55
        }
      }
      units.append(start..<bytes.count)
    }
    return EncodedFrame(
      bytes: bytes,
      nalUnits: units,
      captured: captured,
      isKeyframe: isKeyframe,
      number: number
    )
  }
}
