// SPDX-License-Identifier: Apache-2.0

/// A message of one stream, as it was sent and as it arrives.
public struct SCTPMessage: Hashable, Sendable {
  /// The stream's identifier.
  public var stream: UInt16
  /// The payload protocol identifier (PPID).
  public var payloadProtocol: UInt32
  /// The bytes; never none.
  public var payload: [UInt8]

  /// Creates a message.
  public init(stream: UInt16, payloadProtocol: UInt32, payload: [UInt8]) {
    self.stream = stream
    self.payloadProtocol = payloadProtocol
    self.payload = payload
  }
}

/// How a message is to be delivered.
public struct SCTPSendOptions: Hashable, Sendable {
  /// Whether it comes behind those sent before on its stream.
  public var isOrdered: Bool
  /// After this time it is given up (RFC 3758); `nil`: never.
  ///
  /// A peer without RFC 3758 gets all that was begun.
  public var lifetime: Duration?
  /// After so many retransmissions of one of its parts it is given up (RFC 7496); `nil`: never.
  public var maximumRetransmissions: UInt16?

  /// Creates options; without arguments: ordered and reliable.
  public init(
    isOrdered: Bool = true,
    lifetime: Duration? = nil,
    maximumRetransmissions: UInt16? = nil
  ) {
    self.isOrdered = isOrdered
    self.lifetime = lifetime
    self.maximumRetransmissions = maximumRetransmissions
  }
}

/// What became of a message given to `send`.
public enum SCTPSendOutcome: Hashable, Sendable {
  /// It waits for its turn.
  case queued
  /// Too much waits already; try again after `bufferedAmountLow`.
  case bufferFull
  /// It is longer than the peer takes.
  case tooLong
  /// SCTP has no empty messages.
  case empty
  /// The stream is beyond those negotiated.
  case noSuchStream
  /// The stream is being reset.
  case streamClosing
  /// The association is shutting down or has ended.
  case ended
}
