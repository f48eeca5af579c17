// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Whom a client means to reach: what the server's certificate must hold (RFC 9525).
public enum TLSServerName: Hashable, Sendable {
  /// A DNS name; it is also told to the server (RFC 6066 section 3).
  case name(String)
  /// An IP address.
  case address(IPAddress)
}
