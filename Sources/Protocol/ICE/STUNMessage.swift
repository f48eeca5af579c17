// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One STUN message as read from a datagram (RFC 8489 section 5).
///
/// ```text
///  bit 0   2                16                              31
///     ┌────┬─────────────────┬───────────────────────────────┐
///     │ 00 │ method and class │ length of what follows        │
///     ├────┴─────────────────┴───────────────────────────────┤
///     │ magic cookie 2112A442                                │
///     ├──────────────────────────────────────────────────────┤
///     │ transaction: 96 random bits                          │
///     ├────────────────────────┬─────────────────────────────┤
///     │ attribute type         │ length of value             │
///     ├────────────────────────┴─────────────────────────────┤
///     │ value, padded to four bytes …                        │
///     └──────────────────────────────────────────────────────┘
/// ```
///
/// Values are read once, in one pass; text stays in the datagram and is remembered as a range of it.
/// Of a repeated attribute the first counts. What follows MESSAGE-INTEGRITY is not believed, except
/// FINGERPRINT. Nothing here is authentic until ``isAuthentic(_:key:)`` says so.
public struct STUNMessage: Sendable {
  /// What a message is in its transaction.
  public enum Class: UInt16, Sendable {
    /// Asks for an answer.
    case request = 0x000
    /// Wants no answer.
    case indication = 0x010
    /// The answer to a request that was carried out.
    case success = 0x100
    /// The answer to a request that was refused.
    case failure = 0x110
  }

  /// Whether the message bears a FINGERPRINT, and whether it fits.
  public enum Fingerprint: Sendable {
    /// There is none.
    case absent
    /// It fits.
    case valid
    /// It does not fit: the datagram is damaged, or not STUN.
    case invalid
  }

  /// The method Binding, the only one of ICE.
  public static let binding: UInt16 = 1
  /// The longest datagram that is looked at: a check fits the path's MTU by far.
  public static let maximumSize = 2_048

  static let headerSize = 20
  static let magicCookie: UInt32 = 0x2112_A442
  static let fingerprintMask: UInt32 = 0x5354_554E
  private static let maximumUnknownAttributes = 8

  /// Request, indication or answer.
  public let messageClass: Class
  /// What is asked for: ``binding`` or something that is not ours.
  public let method: UInt16
  /// Ties an answer to its request.
  public let transaction: STUNTransactionID
  /// Where USERNAME's value lies in the datagram.
  public private(set) var username: Range<Int>?
  /// PRIORITY (RFC 8445 section 16.1).
  public private(set) var priority: UInt32?
  /// Whether USE-CANDIDATE is there.
  public private(set) var usesCandidate = false
  /// The tie-breaker in ICE-CONTROLLING.
  public private(set) var controlling: UInt64?
  /// The tie-breaker in ICE-CONTROLLED.
  public private(set) var controlled: UInt64?
  /// The address in XOR-MAPPED-ADDRESS.
  public private(set) var mappedAddress: SocketAddress?
  /// The number in ERROR-CODE, 300…699.
  public private(set) var errorCode: UInt16?
  /// Types of attributes that must be understood and are not; at most eight are remembered.
  public private(set) var unknownAttributes: [UInt16] = []
  /// FINGERPRINT, checked.
  public private(set) var fingerprint = Fingerprint.absent
  /// Where MESSAGE-INTEGRITY's attribute header lies in the datagram.
  private var integrity: Int?

  /// Reads `datagram`; `nil` when it is not one whole well-formed STUN message.
  public init?(parsing datagram: Span<UInt8>) {
    guard Self.isPlausible(datagram), datagram.count <= Self.maximumSize else { return nil }
    var reader = ByteReader(datagram)
    guard let type = reader.readUInt16(), reader.skip(6), let high = reader.readUInt32(),
      let low = reader.readUInt64(), let messageClass = Class(rawValue: type & 0x110)
    else { return nil }
    self.messageClass = messageClass
    method = type & 0xF | (type & 0xE0) >> 1 | (type & 0x3E00) >> 2
    transaction = STUNTransactionID(high: high, low: low)
    var isSealed = false
    while !reader.isAtEnd {
      let offset = reader.position
      guard fingerprint == .absent, let type = reader.readUInt16(),
        let length = reader.readUInt16(), let value = reader.readSpan(Int(length)),
        reader.skip(-Int(length) & 3)
      else { return nil }
      let attribute = STUNAttribute(rawValue: type)
      if attribute == .fingerprint {
        guard checkFingerprint(value, of: datagram, at: offset) else { return nil }
      } else if !isSealed {
        guard read(type, attribute, value, at: offset) else { return nil }
        isSealed = attribute == .messageIntegrity || attribute == .messageIntegritySHA256
      }
    }
  }

  /// Whether MESSAGE-INTEGRITY is there and was made with `key` over `datagram` (RFC 8489 section 14.5).
  ///
  /// `datagram` is the one that this message was read from. The comparison takes the same time
  /// wherever the two differ.
  public func isAuthentic(_ datagram: Span<UInt8>, key: [UInt8]) -> Bool {
    guard let integrity, datagram.count >= integrity + 24 else { return false }
    var covered = [UInt8](datagram.extracting(0..<integrity))
    let length = integrity + 24 - Self.headerSize
    covered.replace(at: 2, bigEndian: UInt16(truncatingIfNeeded: length))
    let expected = Hash.hmacSHA1(key: key, covered.span)
    let found = [UInt8](datagram.extracting((integrity + 4)..<(integrity + 24)))
    return Text.isEqualInConstantTime(expected, found)
  }

  /// Whether USERNAME is there and equals `expected`.
  public func hasUsername(_ expected: some Sequence<UInt8>, in datagram: Span<UInt8>) -> Bool {
    guard let username, username.upperBound <= datagram.count else { return false }
    var index = username.lowerBound
    for byte in expected {
      guard index < username.upperBound, datagram[index] == byte else { return false }
      index += 1
    }
    return index == username.upperBound
  }

  /// Whether `datagram` has the header of exactly one STUN message.
  ///
  /// On a shared port the first byte is 0…3 (RFC 7983 section 7): methods from 256 on are not STUN here.
  static func isPlausible(_ datagram: Span<UInt8>) -> Bool {
    var reader = ByteReader(datagram)
    guard let type = reader.readUInt16(), type < 0x0400, let length = reader.readUInt16(),
      reader.readUInt32() == magicCookie
    else { return false }
    return length % 4 == 0 && Int(length) == datagram.count - headerSize
  }

  private mutating func checkFingerprint(
    _ value: Span<UInt8>,
    of datagram: Span<UInt8>,
    at offset: Int
  ) -> Bool {
    var reader = ByteReader(value)
    guard value.count == 4, let found = reader.readUInt32() else { return false }
    let crc = Checksum.crc32(datagram.extracting(0..<offset))
    fingerprint = found == crc ^ Self.fingerprintMask ? .valid : .invalid
    return true
  }

  /// Takes in one attribute; `false` when its value is malformed.
  private mutating func read(
    _ type: UInt16,
    _ attribute: STUNAttribute?,
    _ value: Span<UInt8>,
    at offset: Int
  ) -> Bool {
    var reader = ByteReader(value)
    switch attribute {
    case .username:
      guard value.count <= 513 else { return false }
      username = username ?? (offset + 4)..<(offset + 4 + value.count)
    case .messageIntegrity:
      guard value.count == 20 else { return false }
      integrity = offset
    case .errorCode:
      guard reader.skip(2), let hundreds = reader.readUInt8(), let rest = reader.readUInt8(),
        (3...6).contains(hundreds & 7), rest < 100
      else { return false }
      errorCode = errorCode ?? UInt16(hundreds & 7) * 100 + UInt16(rest)
    case .xorMappedAddress:
      guard let address = readAddress(&reader) else { return false }
      mappedAddress = mappedAddress ?? address
    case .priority:
      guard value.count == 4, let number = reader.readUInt32() else { return false }
      priority = priority ?? number
    case .useCandidate:
      usesCandidate = true
    case .iceControlling:
      guard value.count == 8, let number = reader.readUInt64() else { return false }
      controlling = controlling ?? number
    case .iceControlled:
      guard value.count == 8, let number = reader.readUInt64() else { return false }
      controlled = controlled ?? number
    case nil:
      guard type < 0x8000, unknownAttributes.count < Self.maximumUnknownAttributes else { break }
      unknownAttributes.append(type)
    default:
      break
    }
    return true
  }

  private func readAddress(_ reader: inout ByteReader) -> SocketAddress? {
    guard let family = reader.readUInt16(), let masked = reader.readUInt16() else { return nil }
    let port = masked ^ UInt16(truncatingIfNeeded: Self.magicCookie >> 16)
    switch family & 0xFF {
    case 1:
      guard let bits = reader.readUInt32(), reader.isAtEnd else { return nil }
      return SocketAddress(.v4(bits ^ Self.magicCookie), port: port)
    case 2:
      guard let high = reader.readUInt64(), let low = reader.readUInt64(), reader.isAtEnd else {
        return nil
      }
      let mask = UInt64(Self.magicCookie) << 32 | UInt64(transaction.high)
      let ip = IPAddress.v6(high: high ^ mask, low: low ^ transaction.low, scope: 0)
      return SocketAddress(ip, port: port)
    default:
      return nil
    }
  }
}

/// The 96 random bits that tie an answer to its request.
public struct STUNTransactionID: Hashable, Sendable {
  /// The first 32 bits.
  public let high: UInt32
  /// The other 64 bits.
  public let low: UInt64

  /// Creates the identifier made of these bits.
  public init(high: UInt32, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Draws a new identifier.
  public static func random(using random: inout RandomSource) -> STUNTransactionID {
    STUNTransactionID(high: UInt32(truncatingIfNeeded: random.next()), low: random.next())
  }
}

/// The attributes of STUN and ICE that are understood (RFC 8489 section 18.3, RFC 8445 section 20.1).
public enum STUNAttribute: UInt16, Sendable {
  /// MAPPED-ADDRESS: superseded; passed over.
  case mappedAddress = 0x0001
  /// USERNAME: receiver's fragment, colon, sender's fragment.
  case username = 0x0006
  /// MESSAGE-INTEGRITY: HMAC-SHA1.
  case messageIntegrity = 0x0008
  /// ERROR-CODE.
  case errorCode = 0x0009
  /// UNKNOWN-ATTRIBUTES: the types that led to error 420.
  case unknownAttributes = 0x000A
  /// REALM, of long-term credentials; passed over.
  case realm = 0x0014
  /// NONCE, of long-term credentials; passed over.
  case nonce = 0x0015
  /// MESSAGE-INTEGRITY-SHA256: not used by ICE; passed over.
  case messageIntegritySHA256 = 0x001C
  /// XOR-MAPPED-ADDRESS: where the request was seen to come from.
  case xorMappedAddress = 0x0020
  /// PRIORITY that a peer-reflexive candidate found by this check would have.
  case priority = 0x0024
  /// USE-CANDIDATE: the controlling agent nominates the pair.
  case useCandidate = 0x0025
  /// SOFTWARE; passed over.
  case software = 0x8022
  /// FINGERPRINT: CRC-32, the last attribute.
  case fingerprint = 0x8028
  /// ICE-CONTROLLED with the sender's tie-breaker.
  case iceControlled = 0x8029
  /// ICE-CONTROLLING with the sender's tie-breaker.
  case iceControlling = 0x802A
}
