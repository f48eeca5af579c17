// SPDX-License-Identifier: Apache-2.0
private import CMbedTLS

/// The certificates of those whom a client believes.
///
/// Sessions share it; it never changes once made.
@safe public final class TLSAuthorities: Sendable {
  nonisolated(unsafe) let authorities: OpaquePointer

  /// Reads certificates, PEM or one DER; those that cannot be read are passed over.
  ///
  /// `nil` when not a single one is left.
  public init?(_ bytes: [UInt8]) {
    guard let authorities = unsafe ctls_authorities_load(bytes, bytes.count) else { return nil }
    unsafe self.authorities = authorities
  }

  deinit {
    unsafe ctls_authorities_free(authorities)
  }
}
