// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Who sent an RTP stream: 32 random bits, unique within a session (RFC 3550 section 8).
public struct SSRC: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The identifier as it stands on the wire.
  public var rawValue: UInt32

  /// Creates the identifier that stands on the wire as `rawValue`.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Draws an identifier that is none of `taken` and not 0.
  public static func random(
    using random: inout RandomSource,
    avoiding taken: [SSRC] = []
  ) -> SSRC {
    while true {
      let drawn = SSRC(rawValue: .random(in: 1...UInt32.max, using: &random))
      if !taken.contains(drawn) { return drawn }
    }
  }

  /// The identifier in decimal, as SDP writes it.
  public var description: String { "\(rawValue)" }
}

/// The 7-bit number by which an RTP header names the codec that SDP gave it (RFC 3550 section 5.1).
public struct PayloadType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// 0 to 127.
  public let rawValue: UInt8

  /// Creates the type with number `rawValue`; `nil` above 127.
  public init?(rawValue: UInt8) {
    guard rawValue < 128 else { return nil }
    self.rawValue = rawValue
  }

  /// Creates the type from the low seven bits of `byte`, leaving out the marker above them.
  public init(lowBitsOf byte: UInt8) {
    rawValue = byte & 0x7F
  }

  /// The number in decimal, as SDP writes it.
  public var description: String { "\(rawValue)" }
}
