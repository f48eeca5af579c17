// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Signaling
import TLS
import Wire

/// An authority, and certificates of it for a server on this machine.
struct Certificates: Sendable {
  static let trusted = Certificates()
  static let other = Certificates()
  /// Its certificates have expired.
  static let old = Certificates(days: 500)

  let authority: TLSAuthority
  private let date: Int64

  private init(days: Int64 = 0) {
    date = Self.now - days * 86_400
    var random = RandomSource.system
    let made = TLSAuthority.make(
      called: "Test",
      names: ["localhost", "shed"],
      at: date,
      using: &random
    )
    guard let made else { preconditionFailure("no authority can be made") }
    authority = made
  }

  /// The authority's certificate, as a client is given it.
  var text: [UInt8] { Array(PEM.text(PEM.certificate, authority.certificate.bytes).utf8) }

  /// A server's certificate for these.
  func credentials(
    names: [String] = ["localhost"],
    addresses: [IPAddress] = [.v4(0x7F00_0001)]
  ) -> TLSCredentials {
    var random = RandomSource.system
    let issued = authority.issue(
      names: names,
      addresses: addresses,
      at: date,
      using: &random
    )
    guard let issued,
      let credentials = try? TLSCredentials(
        certificate: issued.certificate,
        privateKey: issued.privateKey
      )
    else { preconditionFailure("no certificate can be made") }
    return credentials
  }

  private static var now: Int64 {
    guard let loop = try? EventLoop() else { preconditionFailure("no loop can be made") }
    return loop.wallClock.unixNanoseconds / 1_000_000_000
  }
}

/// A source with one certificate, or none.
actor FixedCertificate: TLSCredentialsSource {
  private let fixed: TLSCredentials?
  private let why: TLSTrust

  init(_ credentials: TLSCredentials?, trust: TLSTrust = .known) {
    fixed = credentials
    why = trust
  }

  func credentials() async -> TLSCredentials? { fixed }

  func trust() async -> TLSTrust { why }
}
