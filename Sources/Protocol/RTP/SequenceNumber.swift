// SPDX-License-Identifier: Apache-2.0

/// The 16-bit number that each RTP packet of a stream carries, one more than the one before.
///
/// Ordering is RFC 1982 serial arithmetic: of two numbers, the one reached by going forward at most
/// 32,767 steps is the later. It is no total order, so the type is not `Comparable`.
public struct SequenceNumber: RawRepresentable, Hashable, Sendable {
  /// The number as it stands on the wire.
  public var rawValue: UInt16

  /// Creates the number that stands on the wire as `rawValue`.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// The number of the following packet; 65,535 is followed by 0.
  public var next: SequenceNumber { self + 1 }

  /// The number `steps` packets later; wraps.
  public static func + (number: SequenceNumber, steps: UInt16) -> SequenceNumber {
    SequenceNumber(rawValue: number.rawValue &+ steps)
  }

  /// Moves the number `steps` packets later; wraps.
  public static func += (number: inout SequenceNumber, steps: UInt16) {
    number = number + steps
  }

  /// How many steps forward lead from `other` to this number: 0 to 65,535.
  public func distance(after other: SequenceNumber) -> UInt16 {
    rawValue &- other.rawValue
  }

  /// Whether this number comes before `other` (RFC 1982 section 3.2); `false` at half the circle.
  public func precedes(_ other: SequenceNumber) -> Bool {
    let steps = other.distance(after: self)
    return steps != 0 && steps < 0x8000
  }
}

/// A sequence number that does not wrap: the number in the low 16 bits, the wraps above them.
///
/// RFC 3550 section 6.4.1 sends its low 32 bits as "extended highest sequence number received".
public struct ExtendedSequenceNumber: RawRepresentable, Hashable, Comparable, Sendable {
  /// Wraps times 65,536 plus the number on the wire.
  public var rawValue: UInt32

  /// Creates the number with the given wraps and wire value.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The part that stands in an RTP header.
  public var sequenceNumber: SequenceNumber {
    SequenceNumber(rawValue: UInt16(truncatingIfNeeded: rawValue))
  }

  /// Whether `lhs` has fewer wraps, or the same and a smaller number.
  public static func < (lhs: ExtendedSequenceNumber, rhs: ExtendedSequenceNumber) -> Bool {
    lhs.rawValue < rhs.rawValue
  }
}
