// SPDX-License-Identifier: Apache-2.0

/// Which end of the handshake a session is: `a=setup:active` is the client (RFC 8842).
public enum DTLSRole: Hashable, Sendable {
  /// The end that begins.
  case client
  /// The end that waits.
  case server
}
