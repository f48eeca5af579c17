// SPDX-License-Identifier: Apache-2.0
import Checks
import PeerSession
import SDP
import Testing
import Wire

@Suite struct RenegotiationTests {
  private func exchange(
    _ session: inout PeerSession,
    _ offer: String
  ) throws -> SessionDescription {
    try session.setRemoteOffer(offer, at: .zero)
    let text = try session.createAnswer(sending: [track()])
    try session.setLocalAnswer(text, at: .zero)
    return try SessionDescription(parsing: session.localDescription ?? "")
  }

  @Test func `keeps streams and candidates and counts the version on`() throws {
    var session = try makeSession()
    _ = try exchange(&session, BrowserOffers.chromiumViewer)
    session.addLocalCandidate(host: SocketAddress(.v4(0x0A00_0001), port: 5000))
    session.endOfLocalCandidates()
    let first = try SessionDescription(parsing: session.localDescription ?? "")
    let second = try exchange(&session, BrowserOffers.chromiumViewer)
    #expect(second.media == first.media)
    #expect(second.media[0].candidates.count == 1)
    #expect(second.origin.sessionID == first.origin.sessionID)
    #expect(second.origin.version == first.origin.version + 1)
  }

  @Test func `begins new streams where payload types change`() throws {
    var session = try makeSession()
    let first = try exchange(&session, offer([video(0)]))
    let changed = edit(offer([video(0)])) { line in
      switch line {
      case "m=video 9 UDP/TLS/RTP/SAVPF 102": "m=video 9 UDP/TLS/RTP/SAVPF 104"
      case "a=rtpmap:102 H264/90000": "a=rtpmap:104 H264/90000"
      case _ where line.utf8.starts(with: "a=fmtp:102 ".utf8):
        "a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
      default: line
      }
    }
    let second = try exchange(&session, changed)
    #expect(second.media[0].codecs.map(\.payloadType) == [104])
    #expect(second.media[0].sources != first.media[0].sources)
  }

  @Test func `refuses another certificate and other DTLS roles, and stays as it was`() throws {
    var session = try makeSession()
    let first = try exchange(&session, offer([video(0)]))
    let other = edit(offer([video(0)])) { line in
      line.utf8.starts(with: "a=fingerprint".utf8) ? transportLines(5)[2] : line
    }
    let roles = replacing("a=setup:actpass", "a=setup:active", in: offer([video(0)]))
    for text in [other, roles] {
      #expect(throws: NegotiationError.self) { try session.setRemoteOffer(text, at: .zero) }
    }
    #expect(session.localDescription == first.description)
    let kept = replacing("a=setup:actpass", "a=setup:passive", in: offer([video(0)]))
    #expect(try exchange(&session, kept).media[0].setup == .active)
  }

  /// Chromium's offer with the ICE credentials of another generation.
  private func restarted(_ number: Int) -> String {
    edit(BrowserOffers.chromiumViewer) { line in
      if line.utf8.starts(with: "a=ice-ufrag:".utf8) { return "a=ice-ufrag:again\(number)" }
      if line.utf8.starts(with: "a=ice-pwd:".utf8) {
        return "a=ice-pwd:anothersecretof24letter\(number)"
      }
      return line
    }
  }

  @Test func `answers new ICE credentials with new ones of its own and no old candidates`() throws {
    var session = try makeSession()
    let first = try exchange(&session, BrowserOffers.chromiumViewer)
    session.addLocalCandidate(host: SocketAddress(.v4(0x0A00_0001), port: 5000))
    session.endOfLocalCandidates()
    var seen = [try #require(first.media[0].usernameFragment)]
    var passwords = [try #require(first.media[0].password)]
    for number in 1...2 {
      let next = try exchange(&session, restarted(number)).media[0]
      seen.append(try #require(next.usernameFragment))
      passwords.append(try #require(next.password))
      #expect(session.usernameFragment == next.usernameFragment)
      #expect(next.candidates.isEmpty && !next.isEndOfCandidates)
      #expect(next.sources == first.media[0].sources)
      #expect(next.fingerprints == first.media[0].fingerprints && next.setup == .active)
      session.addLocalCandidate(host: SocketAddress(.v4(0x0A00_0002), port: 5000))
      let candidates = try SessionDescription(parsing: session.localDescription ?? "")
        .media[0].candidates
      #expect(candidates.count == 1 && candidates[0].utf8.contains(UInt8(ascii: "2")))
    }
    #expect(Set(seen).count == 3 && Set(passwords).count == 3)
    let same = try exchange(&session, restarted(2)).media[0]
    #expect(same.usernameFragment == seen[2] && same.password == passwords[2])
    #expect(same.candidates.count == 1)
  }

  @Test func `keeps its credentials while the answer to a restart is not applied`() throws {
    var session = try makeSession()
    let first = try exchange(&session, BrowserOffers.chromiumViewer)
    try session.setRemoteOffer(restarted(1), at: .zero)
    _ = try session.createAnswer(sending: [track()])
    #expect(session.usernameFragment == first.media[0].usernameFragment)
    #expect(session.localDescription == first.description)
  }

  @Test func `stops the streams of an m-line that is taken away`() throws {
    var session = try makeSession()
    _ = try exchange(&session, offer([video(0)]))
    #expect(session.mid(sending: "track1") == "0")
    let second = try exchange(&session, offer([video(0, direction: "inactive")]))
    #expect(second.media.map(\.port) == [0])
    #expect(session.mid(sending: "track1") == nil)
    #expect(session.videoStatistics.isEmpty)
  }
}
