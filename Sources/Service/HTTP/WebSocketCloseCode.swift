// SPDX-License-Identifier: Apache-2.0

/// Why a WebSocket ends (RFC 6455 section 7.4).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
  /// The number as it travels.
  public var rawValue: UInt16

  /// Creates the code with the number `rawValue`; 3000 to 4999 are for libraries and applications.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// The purpose is fulfilled.
  public static let normal = WebSocketCloseCode(rawValue: 1000)
  /// The server stops, or the page is left.
  public static let goingAway = WebSocketCloseCode(rawValue: 1001)
  /// The other side broke the rules of RFC 6455.
  public static let protocolError = WebSocketCloseCode(rawValue: 1002)
  /// A kind of message came that is not taken here.
  public static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
  /// The other side gave no code; never sent.
  public static let noStatus = WebSocketCloseCode(rawValue: 1005)
  /// The connection was lost; never sent.
  public static let abnormal = WebSocketCloseCode(rawValue: 1006)
  /// A text was not UTF-8.
  public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
  /// A rule of the application was broken.
  public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
  /// A message was longer than the limit.
  public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
  /// The server failed.
  public static let internalError = WebSocketCloseCode(rawValue: 1011)

  /// Whether the code may stand in a Close frame: 1000 to 1003, 1007 to 1014 and 3000 to 4999.
  public var mayBeSent: Bool {
    switch rawValue {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}
