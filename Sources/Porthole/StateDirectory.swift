// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import EventLoop
internal import TLS
internal import Wire

/// What is kept from one start to the next: the access tokens, the certificate of DTLS and the authority of
/// HTTPS, each with its key.
struct StateDirectory: Sendable {
  private static let tokenAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
  private static let maximumFile = 8192

  let path: String

  /// The directory that was asked for, else systemd's, else the user's.
  init(_ asked: String?) throws(StartError) {
    if let asked {
      path = asked
    } else if let given = LocalProcess.environment("STATE_DIRECTORY") {
      path = given
    } else if let state = LocalProcess.environment("XDG_STATE_HOME") {
      path = state + "/porthole"
    } else if let home = LocalProcess.environment("HOME") {
      path = home + "/.local/state/porthole"
    } else {
      throw StartError("There is no HOME to keep the access tokens in: say where with --state DIR.")
    }
  }

  /// The access token called `name`, made at the first start.
  func token(_ name: String) throws(StartError) -> String {
    if let kept = try keptToken(name) { return kept }
    var random = RandomSource.system
    let token = random.text(22, of: Self.tokenAlphabet)
    try write(name, Array((token + "\n").utf8))
    return token
  }

  /// The access token called `name`; `nil` before the first start.
  func keptToken(_ name: String) throws(StartError) -> String? {
    guard let kept = try read(name) else { return nil }
    // Whatever editor has been at it, the line's end is not part of the token.
    let trimmed = String(decoding: kept.prefix { $0 > 0x20 }, as: UTF8.self)
    if (try? OptionValue.token(trimmed)) == .given(trimmed) { return trimmed }
    throw StartError(
      "The access token in \(path)/\(name) is damaged: delete the file and Porthole makes a new one."
    )
  }

  /// The certificate and its key, made at the first start.
  func identity() throws(StartError) -> DTLSIdentity {
    do {
      if let certificate = try read("certificate.der"), let key = try read("key.der"),
        let kept = try? DTLSIdentity(certificate: certificate, privateKey: key)
      {
        return kept
      }
      var random = RandomSource.system
      let made = try DTLSIdentity.make(using: &random)
      try write("key.der", made.privateKey)
      try write("certificate.der", made.certificate)
      return made
    } catch let error as StartError {
      throw error
    } catch {
      throw StartError("The certificate could not be made: \(error).")
    }
  }

  /// The authority of HTTPS; `nil` before it was made.
  func authority() throws(StartError) -> TLSAuthority? {
    guard let kept = try pair(Self.authorityFile) else { return nil }
    if let authority = TLSAuthority(certificate: kept.certificate, privateKey: kept.privateKey) {
      return authority
    }
    throw StartError(
      "The certificate authority in \(path)/\(Self.authorityFile) is damaged: delete the file and "
        + "Porthole makes a new one, which is to be installed wherever the old one was."
    )
  }

  /// Keeps the authority of HTTPS.
  func keep(_ authority: TLSAuthority) throws(StartError) {
    try write(Self.authorityFile, pair: (authority.certificate.bytes, authority.privateKey))
  }

  /// The server's certificate of HTTPS, DER; `nil` before it was made.
  func leaf() throws(StartError) -> (certificate: [UInt8], privateKey: [UInt8])? {
    try pair(Self.leafFile)
  }

  /// Keeps the server's certificate of HTTPS.
  func keep(leaf: (certificate: [UInt8], privateKey: [UInt8])) throws(StartError) {
    try write(Self.leafFile, pair: leaf)
  }

  private static let authorityFile = "authority.pem"
  private static let leafFile = "https.pem"

  /// A certificate and its key, in one file so that both are of the same time; `nil` when there is none.
  private func pair(
    _ name: String
  ) throws(StartError) -> (certificate: [UInt8], privateKey: [UInt8])? {
    guard let text = try read(name) else { return nil }
    let certificate = PEM.bytes(PEM.certificate, in: text) ?? []
    return (certificate, PEM.bytes(PEM.privateKey, in: text) ?? [])
  }

  private func write(
    _ name: String,
    pair: (certificate: [UInt8], privateKey: [UInt8])
  ) throws(StartError) {
    let text =
      PEM.text(PEM.certificate, pair.certificate) + PEM.text(PEM.privateKey, pair.privateKey)
    try write(name, Array(text.utf8))
  }

  private func read(_ name: String) throws(StartError) -> [UInt8]? {
    do {
      return try LocalFile.read("\(path)/\(name)", limit: Self.maximumFile)
    } catch {
      throw StartError("\(error) Choose another state directory with --state DIR.")
    }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws(StartError) {
    do {
      try LocalFile.makeDirectory(path)
      try LocalFile.replace("\(path)/\(name)", with: bytes)
    } catch {
      throw StartError("\(error) Choose another state directory with --state DIR.")
    }
  }
}

/// Why the program cannot start, in one sentence that says what to do.
struct StartError: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
