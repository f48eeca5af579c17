// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// A message of the Data Channel Establishment Protocol (RFC 8832 section 5).
public enum DCEPMessage: Hashable, Sendable {
  /// `DATA_CHANNEL_OPEN`: the peer opens a channel on the stream that this came on.
  case open(DCEPOpen)
  /// `DATA_CHANNEL_ACK`: the peer has taken the channel.
  case acknowledge

  private static let openType: UInt8 = 3
  private static let acknowledgeType: UInt8 = 2

  /// Reads a whole message; `nil` for one that is cut off, too long, unknown, or whose texts are not UTF-8.
  public init?(_ bytes: Span<UInt8>) {
    var reader = ByteReader(bytes)
    switch reader.readUInt8() {
    case Self.openType:
      guard let open = DCEPOpen(&reader), reader.isAtEnd else { return nil }
      self = .open(open)
    case Self.acknowledgeType where reader.isAtEnd:
      self = .acknowledge
    default:
      return nil
    }
  }

  /// The bytes of the message; `nil` where a text is longer than the 65,535 bytes that it has room for.
  public var bytes: [UInt8]? {
    switch self {
    case .acknowledge: [Self.acknowledgeType]
    case .open(let open): open.body.map { [Self.openType] + $0 }
    }
  }
}

/// What a channel is opened as (RFC 8832 section 5.1).
///
/// ```
///   0      1              2          4             8        10         12
/// +------+--------------+----------+-------------+--------+----------+---------------------
/// | type | channel type | priority | reliability | label  | protocol | label … protocol …
/// |      |              |          |  parameter  | length |  length  |
/// +------+--------------+----------+-------------+--------+----------+---------------------
/// ```
public struct DCEPOpen: Hashable, Sendable {
  /// How hard the channel tries.
  public enum Reliability: Hashable, Sendable {
    /// Everything arrives.
    case reliable
    /// A message is sent again so often at most.
    case retransmissions(UInt32)
    /// A message is tried for so many milliseconds.
    case lifetime(UInt32)
  }

  /// Whether messages arrive in the order in which they were sent.
  public var isOrdered: Bool
  /// How hard the channel tries.
  public var reliability: Reliability
  /// How urgent the channel is against others (RFC 8831 section 6.4); 256 is normal.
  public var priority: UInt16
  /// The channel's name, which need not be unique.
  public var label: String
  /// The subprotocol, as of a WebSocket; may be empty.
  public var subprotocol: String

  /// The bit of the channel type that says that messages may overtake one another.
  private static let unordered: UInt8 = 0x80

  /// Creates a description of a channel, reliable and ordered unless it is said otherwise.
  public init(
    label: String,
    subprotocol: String = "",
    isOrdered: Bool = true,
    reliability: Reliability = .reliable,
    priority: UInt16 = 256
  ) {
    self.label = label
    self.subprotocol = subprotocol
    self.isOrdered = isOrdered
    self.reliability = reliability
    self.priority = priority
  }

  /// Reads what follows the message type.
  fileprivate init?(_ reader: inout ByteReader) {
    guard let type = reader.readUInt8(), let priority = reader.readUInt16(),
      let parameter = reader.readUInt32(), let labelLength = reader.readUInt16(),
      let protocolLength = reader.readUInt16(),
      let label = reader.readBytes(Int(labelLength)),
      let subprotocol = reader.readBytes(Int(protocolLength)),
      let labelText = String(validating: label, as: UTF8.self),
      let protocolText = String(validating: subprotocol, as: UTF8.self)
    else { return nil }
    switch type & ~Self.unordered {
    case 0: reliability = .reliable
    case 1: reliability = .retransmissions(parameter)
    case 2: reliability = .lifetime(parameter)
    default: return nil
    }
    isOrdered = type & Self.unordered == 0
    self.priority = priority
    self.label = labelText
    self.subprotocol = protocolText
  }

  /// What follows the message type.
  fileprivate var body: [UInt8]? {
    guard let labelLength = UInt16(exactly: label.utf8.count),
      let protocolLength = UInt16(exactly: subprotocol.utf8.count)
    else { return nil }
    let (type, parameter): (UInt8, UInt32) =
      switch reliability {
      case .reliable: (0, 0)
      case .retransmissions(let count): (1, count)
      case .lifetime(let milliseconds): (2, milliseconds)
      }
    var bytes = [isOrdered ? type : type | Self.unordered]
    bytes.append(bigEndian: priority)
    bytes.append(bigEndian: parameter)
    bytes.append(bigEndian: labelLength)
    bytes.append(bigEndian: protocolLength)
    bytes += label.utf8
    bytes += subprotocol.utf8
    return bytes
  }
}
