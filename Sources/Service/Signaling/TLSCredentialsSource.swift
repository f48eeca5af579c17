// SPDX-License-Identifier: Apache-2.0
public import TLS

/// Where a server has its certificate from; it may change while the server runs.
public protocol TLSCredentialsSource: Actor {
  /// What the next connection is to be served with; `nil` when there is nothing yet.
  func credentials() async -> TLSCredentials?

  /// Why browsers are to believe it.
  func trust() async -> TLSTrust
}

/// Why browsers believe a server's certificate.
public enum TLSTrust: Sendable {
  /// Somebody has signed it whom they know.
  case known
  /// They will, once this authority was installed.
  case authority(TLSCertificate)
  /// There is none yet; in a sentence, why.
  case waiting(String)
}
