// SPDX-License-Identifier: Apache-2.0
import ICE
import Testing
import Wire

@Suite struct ICECredentialsTests {
  @Test func `draws well-formed credentials that do not repeat`() {
    var random = RandomSource.seeded(1)
    var fragments: Set<String> = []
    for _ in 0..<1_000 {
      let credentials = ICECredentials.random(using: &random)
      #expect(credentials.isWellFormed)
      #expect(credentials.usernameFragment.utf8.count >= 8)
      #expect(credentials.password.utf8.count >= 24)
      fragments.insert(credentials.usernameFragment)
    }
    #expect(fragments.count == 1_000)
  }

  @Test func `knows the lengths and the alphabet of the standard`() {
    let password = String(repeating: "p", count: 22)
    func isWellFormed(_ fragment: String, _ password: String) -> Bool {
      ICECredentials(usernameFragment: fragment, password: password).isWellFormed
    }
    #expect(isWellFormed("aZ+/", password))
    #expect(isWellFormed(String(repeating: "a", count: 256), password))
    #expect(!isWellFormed("abc", password))
    #expect(!isWellFormed(String(repeating: "a", count: 257), password))
    #expect(!isWellFormed("ab:d", password))
    #expect(!isWellFormed("abé", password))
    #expect(!isWellFormed("abcd", String(password.dropLast())))
    #expect(!isWellFormed("abcd", String(repeating: "p", count: 257)))
  }
}
