// SPDX-License-Identifier: Apache-2.0
import ICE
import Testing
import Wire

@Suite struct ICEDemultiplexingTests {
  private func fragment(_ username: String, _ messageClass: STUNMessage.Class = .request) -> String?
  {
    var writer = STUNWriter(messageClass, transaction: STUNTransactionID(high: 1, low: 2))
    writer.append(.software, value: [1, 2, 3])
    writer.append(.username, value: Array(username.utf8))
    let bytes = writer.bytes
    return ICEAgent.requestedUsernameFragment(bytes)
  }

  @Test func `finds the fragment before the colon`() {
    #expect(fragment("abcd:efgh") == "abcd")
    #expect(fragment("abcd:") == "abcd")
    #expect(fragment("a+/9Z:x:y") == "a+/9Z")
    let long = String(repeating: "a", count: 256)
    #expect(fragment(long + ":b") == long)
  }

  @Test func `finds nothing where there is nothing`() {
    for username in ["", ":", "abc:d", "abcd", "ab d:e", "ab\u{0}d:e", "éabcd:e"] {
      #expect(fragment(username) == nil, "\(username)")
    }
    #expect(fragment(String(repeating: "a", count: 257) + ":b") == nil)
    #expect(fragment("abcd:efgh", .indication) == nil)
    #expect(fragment("abcd:efgh", .success) == nil)
    #expect(ICEAgent.requestedUsernameFragment([]) == nil)
  }

  /// RFC 7983 section 7: the first byte of STUN is 0…3.
  @Test func `takes no other protocol's first byte for STUN`() {
    var bytes = STUNWriter(.request, transaction: STUNTransactionID(high: 1, low: 2)).bytes
    for first in UInt8.min...UInt8.max {
      bytes[0] = first
      #expect(ICEAgent.isSTUN(bytes) == (first < 4), "\(first)")
    }
  }
}
