// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
import Wire

@Suite struct SocketAddressTests {
  @Test(arguments: [
    ("[::]:8080", "[::]:8080"), (":8080", "[::]:8080"), ("0.0.0.0:80", "0.0.0.0:80"),
    ("localhost:1", "127.0.0.1:1"), ("[fe80::1%2]:0", "[fe80::1%2]:0"),
  ])
  func `reads what --listen may say`(text: String, meaning: String) {
    #expect(SocketAddress(listening: text)?.description == meaning)
  }

  @Test(arguments: [
    "", "8080", ":", ":65536", ":-1", ":+1", "::1:80", "[::]", "[1.2.3.4]:80", "example.org:80",
    "1.2.3:80", "[::]:80:", "[::]:8 0",
  ])
  func `refuses what is no address`(text: String) {
    #expect(SocketAddress(listening: text) == nil)
  }
}
