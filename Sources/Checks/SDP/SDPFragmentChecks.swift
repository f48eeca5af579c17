// SPDX-License-Identifier: Apache-2.0
private import SDP

extension Check {
  /// Fragments that trickle candidates.
  static let sdpFragments: [Check] = [
    Check("reads and prints a fragment with candidates") {
      let fragment = try SDPFragment(parsing: fragmentText)
      try expectEqual(fragment.transport.usernameFragment, "uf+g")
      try expectEqual(fragment.other, ["group:BUNDLE 0 1"])
      try expectEqual(fragment.media.map(\.mid), ["0", "1"])
      try expectEqual(fragment.media.map(\.candidates.count), [2, 0])
      try expectEqual(fragment.media.map(\.isEndOfCandidates), [true, false])
      try expectEqual(fragment.effectiveMedia[1].password, "passwordpasswordpassword")
      try expectEqual(try SDPFragment(parsing: fragment.description), fragment)
    },
    Check("takes an end of candidates before the sections for all of them") {
      let fragment = try SDPFragment(
        parsing: "a=end-of-candidates\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\n"
      )
      try expectEqual(fragment.effectiveMedia[0].isEndOfCandidates, true)
    },
    Check("refuses a fragment with lines of a whole description, or too many sections") {
      for text in [BrowserOffers.chromiumViewer, "a=ice-pwd:short", "x", "m=video 9 a"] {
        try expectEqual((try? SDPFragment(parsing: text)) == nil, true, text)
      }
      let sections = String(repeating: "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", count: 65)
      try expectEqual((try? SDPFragment(parsing: sections)) == nil, true)
      try expectEqual(try SDPFragment(parsing: ""), SDPFragment())
    },
    Check("what is read from a damaged fragment can be printed and read again") {
      FuzzTarget.fragmentTarget.mutate(count: 5_000, seed: 0x8840)
    },
  ]

  static let fragmentText =
    "a=group:BUNDLE 0 1\r\na=ice-ufrag:uf+g\r\na=ice-pwd:passwordpasswordpassword\r\n"
    + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
    + "a=candidate:1 1 udp 2113937151 00000000-0000-4000-8000-000000000001.local 33480 typ host\r\n"
    + "a=candidate:2 1 udp 1677729535 192.0.2.1 40000 typ srflx raddr 0.0.0.0 rport 0\r\n"
    + "a=end-of-candidates\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\n"
}

extension FuzzTarget {
  /// Reads a fragment; what can be read is printed and read again.
  static let fragmentTarget = FuzzTarget("sdpfrag", seeds: [Array(Check.fragmentText.utf8)]) {
    input in
    guard let fragment = try? SDPFragment(parsing: String(decoding: input, as: UTF8.self)),
      let again = try? SDPFragment(parsing: fragment.description)
    else { return }
    precondition(again == fragment, "a fragment changed by printing")
    _ = fragment.effectiveMedia
  }
}
