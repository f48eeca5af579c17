// SPDX-License-Identifier: Apache-2.0

/// A number on a circle, ordered by the serial arithmetic of RFC 1982.
///
/// Of two numbers the one reached by going forward less than half the circle is the later. It is no
/// total order, so the types are not `Comparable`, and there is no other arithmetic on them.
protocol SerialNumber: RawRepresentable, Hashable, Sendable
where RawValue: FixedWidthInteger & UnsignedInteger {
  init(rawValue: RawValue)
}

extension SerialNumber {
  /// The following number; the highest is followed by 0.
  var next: Self { Self(rawValue: rawValue &+ 1) }

  /// The number before; 0 is preceded by the highest.
  var previous: Self { Self(rawValue: rawValue &- 1) }

  /// The number `steps` further on; wraps.
  func advanced(by steps: Int) -> Self {
    Self(rawValue: rawValue &+ RawValue(truncatingIfNeeded: steps))
  }

  /// How many steps forward lead from `other` to this number.
  func distance(after other: Self) -> Int {
    Int(rawValue &- other.rawValue)
  }

  /// Whether this number comes before `other` (RFC 1982 section 3.2); `false` at half the circle.
  func precedes(_ other: Self) -> Bool {
    let steps = other.rawValue &- rawValue
    return steps != 0 && steps < 1 << (RawValue.bitWidth - 1)
  }

  /// Whether this number comes after `other`; `false` at half the circle.
  func follows(_ other: Self) -> Bool { other.precedes(self) }
}

/// The number of a DATA or I-DATA chunk within one direction of an association.
struct TSN: SerialNumber {
  var rawValue: UInt32
}

/// The number of an ordered message within its stream, as DATA carries it.
struct SSN: SerialNumber {
  var rawValue: UInt16
}

/// The number of a message within its stream and kind, as I-DATA carries it (RFC 8260).
///
/// Inside, messages carried by DATA have one as well: its low 16 bits are their SSN.
struct MID: SerialNumber {
  var rawValue: UInt32

  /// The low half, which a DATA chunk carries.
  var ssn: SSN { SSN(rawValue: UInt16(truncatingIfNeeded: rawValue)) }

  /// The number nearest to this one whose low half is `ssn`.
  func nearest(_ ssn: SSN) -> MID {
    let steps = Int16(bitPattern: ssn.rawValue &- self.ssn.rawValue)
    return advanced(by: Int(steps))
  }
}

/// The number of a fragment within its message, as I-DATA carries it.
struct FSN: SerialNumber {
  var rawValue: UInt32
}

/// The number of a request to change streams (RFC 6525 section 4.1).
struct ReconfigurationNumber: SerialNumber {
  var rawValue: UInt32
}
