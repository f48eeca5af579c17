// SPDX-License-Identifier: Apache-2.0
import DTLS
import EventLoop
import Glibc
@testable import Porthole
import Testing

@Suite final class StateDirectoryTests {
  private var paths: [String] = []

  /// A new directory's path under the system's temporary one; the directory itself is not made.
  private func newPath() -> String {
    let path = "/tmp/porthole-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    paths.append(path)
    return path
  }

  deinit {
    for path in paths {
      for name in [
        "/deep/token", "/deep", "/token", "/control-token", "/key.der", "/certificate.der",
        "/authority.pem", "/https.pem", "",
      ] {
        unsafe remove(path + name)
      }
    }
  }

  @Test func `makes a token once and keeps it`() throws {
    let path = newPath() + "/deep"
    let first = try StateDirectory(path).token("token")
    #expect(first.utf8.count == 22)
    #expect(try OptionValue.token(first) == .given(first))
    #expect(try StateDirectory(path).token("token") == first)
    #expect(try StateDirectory(newPath()).token("token") != first)
    var status = stat()
    #expect(unsafe stat(path + "/token", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o700)
  }

  @Test(arguments: ["mine-is-this\n", "mine-is-this", "mine-is-this\r\n", "mine-is-this \n\n"])
  func `takes a token that somebody has written`(text: String) throws {
    let path = newPath()
    try LocalFile.makeDirectory(path)
    try LocalFile.replace(path + "/token", with: Array(text.utf8))
    #expect(try StateDirectory(path).token("token") == "mine-is-this")
  }

  @Test(arguments: ["", "\n", "short\n", "none\n", "with;semicolon\n", "\u{0}\u{1}\u{2}"])
  func `refuses a damaged token, and says which file to delete`(text: String) throws {
    let path = newPath()
    try LocalFile.makeDirectory(path)
    try LocalFile.replace(path + "/token", with: Array(text.utf8))
    let error = #expect(throws: StartError.self) { try StateDirectory(path).token("token") }
    #expect(error?.description.holds(path + "/token") == true)
    #expect(error?.description.holds("delete") == true)
  }

  @Test func `keeps the two tokens apart, and looks without making one`() throws {
    let path = newPath()
    #expect(try StateDirectory(path).keptToken("token") == nil)
    #expect(try LocalFile.read(path + "/token", limit: 100) == nil)
    let view = try StateDirectory(path).token("token")
    let control = try StateDirectory(path).token("control-token")
    #expect(view != control)
    #expect(try StateDirectory(path).keptToken("token") == view)
    #expect(try StateDirectory(path).keptToken("control-token") == control)
  }

  @Test func `keeps the certificate, and makes a new one in place of a damaged one`() throws {
    let path = newPath()
    let first = try StateDirectory(path).identity()
    #expect(try StateDirectory(path).identity().fingerprint == first.fingerprint)
    try LocalFile.replace(path + "/key.der", with: [1, 2, 3])
    let second = try StateDirectory(path).identity()
    #expect(second.fingerprint != first.fingerprint)
    #expect(try StateDirectory(path).identity().fingerprint == second.fingerprint)
  }

  @Test func `says what to do where it cannot write`() throws {
    // A file stands where the directory should be: no user may write there.
    let path = newPath()
    try LocalFile.replace(path, with: [0])
    for attempt in [
      { _ = try StateDirectory(path + "/state").token("token") },
      { _ = try StateDirectory(path + "/state").identity() },
    ] as [() throws -> Void] {
      let error = #expect(throws: StartError.self) { try attempt() }
      #expect(error?.description.holds(path) == true)
      #expect(error?.description.holds("--state DIR") == true)
    }
  }
}
