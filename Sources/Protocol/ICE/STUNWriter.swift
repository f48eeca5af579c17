// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Writes one STUN message, attribute by attribute.
///
/// The header's length is right after every call, so that what has been written so far can be
/// authenticated and fingerprinted. Call ``authenticate(key:)`` and then ``addFingerprint()`` last.
public struct STUNWriter: Sendable {
  /// The message as written so far.
  public private(set) var bytes: [UInt8] = []

  /// Starts a message; `method` has 12 bits.
  public init(
    _ messageClass: STUNMessage.Class,
    method: UInt16 = STUNMessage.binding,
    transaction: STUNTransactionID
  ) {
    bytes.reserveCapacity(128)
    let spread = method & 0xF | (method & 0x70) << 1 | (method & 0xF80) << 2
    bytes.append(bigEndian: spread | messageClass.rawValue)
    bytes.append(bigEndian: UInt16(0))
    bytes.append(bigEndian: STUNMessage.magicCookie)
    bytes.append(bigEndian: transaction.high)
    bytes.append(bigEndian: transaction.low)
  }

  /// Appends an attribute of any type with any value of at most 65,535 bytes; pads with zeros.
  public mutating func append(type: UInt16, value: [UInt8]) {
    bytes.append(bigEndian: type)
    bytes.append(bigEndian: UInt16(truncatingIfNeeded: value.count))
    bytes += value
    while bytes.count % 4 != 0 { bytes.append(0) }
    let length = bytes.count - STUNMessage.headerSize
    bytes.replace(at: 2, bigEndian: UInt16(truncatingIfNeeded: length))
  }

  /// Appends `attribute` with any value.
  public mutating func append(_ attribute: STUNAttribute, value: [UInt8] = []) {
    append(type: attribute.rawValue, value: value)
  }

  /// Appends `attribute` with a number as its value.
  public mutating func append(
    _ attribute: STUNAttribute,
    number: some FixedWidthInteger & UnsignedInteger
  ) {
    var value: [UInt8] = []
    value.append(bigEndian: number)
    append(attribute, value: value)
  }

  /// Appends XOR-MAPPED-ADDRESS (RFC 8489 section 14.2).
  ///
  /// ```text
  ///  bit 0        8        16                                31
  ///     ┌────────┬────────┬───────────────────────────────────┐
  ///     │ 0      │ family │ port xor 2112                     │
  ///     ├────────┴────────┴───────────────────────────────────┤
  ///     │ address xor (cookie, then transaction)              │
  ///     └─────────────────────────────────────────────────────┘
  /// ```
  public mutating func append(mappedAddress address: SocketAddress) {
    var value: [UInt8] = []
    value.append(bigEndian: UInt16(address.ip.isV6 ? 2 : 1))
    value.append(bigEndian: address.port)
    value += address.ip.bytes
    let mask = Array(bytes[4..<20])
    for index in 2..<4 { value[index] ^= mask[index - 2] }
    for index in 4..<value.count { value[index] ^= mask[index - 4] }
    append(.xorMappedAddress, value: value)
  }

  /// Appends ERROR-CODE with `code` 300…699 and no phrase: an answer must not outgrow its request.
  public mutating func append(errorCode code: UInt16) {
    append(.errorCode, number: UInt32(code / 100) << 8 | UInt32(code % 100))
  }

  /// Appends MESSAGE-INTEGRITY over all that has been written (RFC 8489 section 14.5).
  public mutating func authenticate(key: [UInt8]) {
    var covered = bytes
    let length = bytes.count + 24 - STUNMessage.headerSize
    covered.replace(at: 2, bigEndian: UInt16(truncatingIfNeeded: length))
    append(.messageIntegrity, value: Hash.hmacSHA1(key: key, covered.span))
  }

  /// Appends FINGERPRINT over all that has been written (RFC 8489 section 14.7).
  public mutating func addFingerprint() {
    var covered = bytes
    let length = bytes.count + 8 - STUNMessage.headerSize
    covered.replace(at: 2, bigEndian: UInt16(truncatingIfNeeded: length))
    append(.fingerprint, number: Checksum.crc32(covered.span) ^ STUNMessage.fingerprintMask)
  }
}
