// SPDX-License-Identifier: Apache-2.0

/// Streams of H.264 as small as can be: headers are real, and slices are headers with a mark behind.
enum H264Streams {
  /// Bits, most significant first.
  struct Bits {
    private(set) var bits: [Bool] = []

    mutating func append(_ value: Int, count: Int) {
      for shift in (0..<count).reversed() { bits.append(value >> shift & 1 == 1) }
    }

    /// ue(v).
    mutating func append(unsigned value: Int) {
      let length = Int.bitWidth - (value + 1).leadingZeroBitCount
      append(0, count: length - 1)
      append(value + 1, count: length)
    }

    /// The bytes after a stop bit, with emulation prevention.
    var bytes: [UInt8] {
      var all = bits + [true]
      while all.count % 8 != 0 { all.append(false) }
      var bytes: [UInt8] = []
      for start in stride(from: 0, to: all.count, by: 8) {
        let byte = all[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        if bytes.suffix(2) == [0, 0], byte <= 3 { bytes.append(3) }
        bytes.append(UInt8(byte))
      }
      return bytes
    }
  }

  /// A sequence parameter set of constrained baseline or high, with timing when `rate` is given.
  static func sequenceSet(
    columns: Int = 40,
    rows: Int = 23,
    cropBottom: Int = 4,
    profile: UInt8 = 66,
    id: Int = 0,
    rate: Int? = nil,
    isInterlaced: Bool = false,
    chroma: Int = 1
  ) -> [UInt8] {
    var bits = Bits()
    bits.append(unsigned: id)
    if profile >= 100 {
      for value in [chroma, 0, 0] { bits.append(unsigned: value) }
      bits.append(0, count: 2)
    }
    for value in [0, 2, 1] { bits.append(unsigned: value) }
    bits.append(0, count: 1)
    bits.append(unsigned: columns - 1)
    bits.append(unsigned: rows - 1)
    bits.append(isInterlaced ? 0 : 1, count: 1)
    if isInterlaced { bits.append(0, count: 1) }
    bits.append(1, count: 1)
    bits.append(cropBottom > 0 ? 1 : 0, count: 1)
    if cropBottom > 0 {
      for value in [0, 0, 0, cropBottom] { bits.append(unsigned: value) }
    }
    bits.append(rate == nil ? 0 : 1, count: 1)
    if let rate {
      bits.append(0, count: 4)
      bits.append(1, count: 1)
      bits.append(1, count: 32)
      bits.append(rate * 2, count: 32)
      bits.append(1, count: 1)
      bits.append(0, count: 4)
    }
    return [0x67, profile, profile == 66 ? 0xC0 : 0, 30] + bits.bytes
  }

  static func pictureSet(id: Int = 0, sequenceSet: Int = 0, mark: Int = 0) -> [UInt8] {
    var bits = Bits()
    for value in [id, sequenceSet, mark] { bits.append(unsigned: value) }
    return [0x68] + bits.bytes
  }

  /// A slice of type P (0), B (1) or I (2) that starts at macroblock `first`.
  static func slice(
    isIDR: Bool = false,
    first: Int = 0,
    type: Int? = nil,
    set: Int = 0,
    mark: UInt8 = 9
  ) -> [UInt8] {
    var bits = Bits()
    for value in [first, type ?? (isIDR ? 7 : 5), set] { bits.append(unsigned: value) }
    return [isIDR ? 0x65 : 0x41] + bits.bytes + [mark, mark, 0x80]
  }

  static let delimiter: [UInt8] = [0x09, 0xF0]
  static let message: [UInt8] = [0x06, 0x05, 0x01, 0xAA, 0x80]

  /// The units with start codes of both lengths.
  static func stream(_ units: [[UInt8]]) -> [UInt8] {
    units.enumerated().flatMap { index, unit in (index % 3 == 0 ? [0, 0, 0, 1] : [0, 0, 1]) + unit }
  }

  /// `count` pictures, every `group`th of them IDR, with parameter sets before the first one only.
  static func play(_ count: Int, group: Int, rate: Int = 200) -> [UInt8] {
    var units = [sequenceSet(rate: rate), pictureSet()]
    for number in 0..<count {
      units.append(delimiter)
      units.append(slice(isIDR: number % group == 0, mark: UInt8(truncatingIfNeeded: number + 1)))
    }
    return stream(units)
  }
}
