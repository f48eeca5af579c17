// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import Signaling
internal import TLS
internal import Wire

/// The certificate and key of `--tls CERT,KEY`: read again when the files change.
actor CertificateFiles: EventLoopActor, TLSCredentialsSource {
  /// How often the files are looked at, at most: whoever connects makes us look.
  private static let interval = Duration.seconds(1)
  private static let maximumFile = 65_536

  nonisolated let loop: EventLoop
  /// The names that the certificate was for at the start.
  nonisolated let names: [String]
  private let certificate: String
  private let key: String
  private let log: Log
  private var current: TLSCredentials
  private var stamps: [UInt64?]
  private var nextLook: Timestamp

  /// Reads the files.
  init(
    certificate: String,
    key: String,
    on loop: EventLoop,
    log: Log
  ) throws(StartError) {
    self.certificate = certificate
    self.key = key
    self.loop = loop
    self.log = log
    stamps = Self.stamps(certificate, key)
    do throws(StartError) {
      (current, names) = try Self.read(certificate, key)
    } catch {
      throw StartError("There is no HTTPS with --tls \(certificate),\(key): \(error)")
    }
    nextLook = loop.now + Self.interval
  }

  /// What the files hold; what they held before while that is of no use.
  func credentials() async -> TLSCredentials? {
    guard loop.now >= nextLook else { return current }
    nextLook = loop.now + Self.interval
    let found = Self.stamps(certificate, key)
    guard found != stamps else { return current }
    stamps = found
    let read = await loop.offload { [certificate, key] in
      Result { () throws(StartError) in try Self.read(certificate, key) }
    }
    switch read {
    case .success(let read):
      current = read.credentials
      log(.info, "the certificate in \(certificate) has changed: the new one is used from now on")
    case .failure(let error):
      log(.warning, "the certificate has changed, and the old one is kept: \(error)")
    }
    return current
  }

  /// By whomever has signed it.
  func trust() async -> TLSTrust { .known }

  private static func stamps(_ certificate: String, _ key: String) -> [UInt64?] {
    [LocalFile.stamp(certificate), LocalFile.stamp(key)]
  }

  private static func read(
    _ certificate: String,
    _ key: String
  ) throws(StartError) -> (credentials: TLSCredentials, names: [String]) {
    let (chain, secret) = (try bytes(certificate), try bytes(key))
    let own = PEM.bytes(PEM.certificate, in: chain).flatMap { TLSCertificate($0) }
    do throws(TLSCredentialsError) {
      return (try TLSCredentials(certificate: chain, privateKey: secret), own?.names ?? [])
    } catch {
      throw StartError("\(error) (\(certificate), \(key)).")
    }
  }

  private static func bytes(_ path: String) throws(StartError) -> [UInt8] {
    do throws(LocalFile.Failure) {
      if let bytes = try LocalFile.read(path, limit: maximumFile) { return bytes }
    } catch {
      throw StartError(error.description)
    }
    throw StartError("There is no file \(path).")
  }
}
