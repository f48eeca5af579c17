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
    _ = try session.answer(offer, sending: [track()], at: .zero)
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
      #expect(throws: NegotiationError.self) {
        try session.setRemoteDescription(.offer, text, at: .zero)
      }
    }
    #expect(session.localDescription == first.description)
    let kept = replacing("a=setup:actpass", "a=setup:passive", in: offer([video(0)]))
    #expect(try exchange(&session, kept).media[0].setup == .active)
  }

  @Test func `stops the streams of an m-line that is taken away`() throws {
    var session = try makeSession()
    _ = try exchange(&session, offer([video(0)]))
    #expect(session.mid(sending: 0) == "0")
    let second = try exchange(&session, offer([video(0, direction: "inactive")]))
    #expect(second.media.map(\.direction) == [.inactive])
    #expect(session.mid(sending: 0) == nil)
    #expect(session.videoStatistics.isEmpty)
  }
}
