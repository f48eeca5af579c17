// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import Testing
internal import Wire

@Suite(.serialized) struct OpenSSLTests {
  private func session(_ role: DTLSRole, _ fingerprint: DTLSFingerprint) throws -> DTLSSession {
    var random = RandomSource.seeded(5764)
    return try DTLSSession(
      role: role,
      identity: DTLSIdentity.make(using: &random),
      remoteFingerprints: [fingerprint],
      at: .zero
    )
  }

  @Test(arguments: [DTLSRole.client, .server])
  func `exports the same keys as OpenSSL`(_ role: DTLSRole) throws {
    let program = try OpenSSL(as: role == .client ? .server : .client)
    var session = try session(role, program.fingerprint)
    guard case .connected(let keys)? = program.run(&session) else {
      Issue.record("not connected: \(session.state) \(session.statistics)")
      return
    }
    let exported = keys.clientKey + keys.serverKey + keys.clientSalt + keys.serverSalt
    #expect(program.keyingMaterial() == Text.hex(exported))
  }

  @Test func `gives no key to an OpenSSL client without a certificate`() throws {
    let program = try OpenSSL(as: .client, hasCertificate: false)
    var session = try session(.server, program.fingerprint)
    guard case .failed(.certificateMissing)? = program.run(&session) else {
      Issue.record("no such failure: \(session.state) \(session.statistics)")
      return
    }
  }

  @Test(arguments: [DTLSRole.client, .server])
  func `gives no key to an OpenSSL with another fingerprint`(_ role: DTLSRole) throws {
    let program = try OpenSSL(as: role == .client ? .server : .client)
    let wrong = DTLSFingerprint(algorithm: "sha-256", digest: [UInt8](repeating: 1, count: 32))
    var session = try session(role, wrong)
    guard case .failed(.fingerprintMismatch)? = program.run(&session) else {
      Issue.record("no such failure: \(session.state) \(session.statistics)")
      return
    }
  }
}
