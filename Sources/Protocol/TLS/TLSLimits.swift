// SPDX-License-Identifier: Apache-2.0

/// How much of a peer's time and bytes one session takes.
public struct TLSLimits: Hashable, Sendable {
  /// From the beginning to the whole ClientHello.
  public var helloTime = Duration.seconds(5)
  /// From the ClientHello, or the beginning of a client's session, to the end of the handshake.
  public var handshakeTime = Duration.seconds(10)
  /// Bytes that may wait to be decrypted; with more, none are wanted (one record has at most 16,640).
  public var waiting = 32_768

  /// Creates the default limits.
  public init() {}
}
