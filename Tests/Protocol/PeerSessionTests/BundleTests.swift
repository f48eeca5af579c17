// SPDX-License-Identifier: Apache-2.0
import Checks
import PeerSession
import SDP
import Testing
import Wire

@Suite struct BundleTests {
  @Test func `serves the video of any group and leaves the other groups`() throws {
    let answered = try answer(offer(group: "0/1", [audio(0), video(1)]))
    #expect(answered.media.map(\.port) == [0, 9])
    #expect(answered.description.bundleGroups == [["1"]])
    #expect(answered.rejections.isEmpty)
  }

  @Test func `needs no transport of an m-line that it rejects`() throws {
    let bare = audio(0).filter { !$0.utf8.starts(with: "a=ice".utf8) }
    let answered = try answer(offer(group: "0/1", [bare, video(1)]))
    #expect(answered.media.map(\.port) == [0, 9])
  }

  @Test func `does not take a rejected m-line's credentials for the video's own`() throws {
    let bare = video(1).filter { !$0.utf8.starts(with: "a=ice".utf8) }
    #expect(try refusal(offer(group: nil, [audio(0), bare]))?.hasWord("ICE") == true)
  }

  @Test func `serves one video without any bundle`() throws {
    let answered = try answer(offer(group: nil, [audio(0), video(1), video(2)]), tracks: 2)
    #expect(answered.media.map(\.port) == [0, 9, 0])
    #expect(answered.description.bundleGroups.isEmpty)
    #expect(answered.rejections.count == 1)
  }

  @Test func `serves a lone m-line without a mid`() throws {
    let text = edit(offer(group: nil, [video(0)])) { $0 == "a=mid:0" ? nil : $0 }
    let answered = try answer(text)
    #expect(answered.media.map(\.port) == [9])
    #expect(answered.media[0].mid == nil)
    #expect(answered.description.bundleGroups.isEmpty)
  }

  @Test func `sends several tracks on several m-lines in order`() throws {
    let text = offer(group: "0 1 2", [video(0), video(1, direction: "inactive"), video(2)])
    var session = try makeSession()
    let answer = try session.answer(text, sending: [track(1), track(2)], at: .zero)
    #expect(session.mid(sending: 0) == "0")
    #expect(session.mid(sending: 1) == "2")
    #expect(session.rejections.isEmpty)
    let media = try SessionDescription(parsing: answer).media
    #expect(media.map(\.port) == [9, 0, 9])
    #expect(Set(media.flatMap(\.sources)).count == 2)
    #expect(session.videoStatistics.map(\.mid) == ["0", "2"])
  }

  @Test func `rejects what has no track left, without a word`() throws {
    let answered = try answer(offer(group: "0 1", [video(0), video(1)]))
    #expect(answered.media.map(\.port) == [9, 0])
    #expect(answered.rejections.isEmpty)
  }

  @Test func `keeps the offer's order of the bundle, and puts candidates where it begins`() throws {
    var session = try makeSession()
    _ = try session.answer(
      offer(group: "2 0", [video(0), audio(1), video(2)]),
      sending: [track(1), track(2)],
      at: .zero
    )
    session.addLocalCandidate(host: SocketAddress(.v4(0x0A00_0001), port: 5000))
    session.endOfLocalCandidates()
    let local = try SessionDescription(parsing: session.localDescription ?? "")
    #expect(local.bundleGroups == [["2", "0"]])
    #expect(local.media.map(\.candidates.count) == [0, 0, 1])
    #expect(local.media.map(\.isEndOfCandidates) == [false, false, true])
  }

  @Test func `lends a bundle-only m-line the transport of its group's first`() throws {
    let only = video(1, port: 0, transport: false, extra: ["a=bundle-only"])
    let answered = try answer(offer(group: "0 1", [audio(0), only]))
    #expect(answered.media.map(\.port) == [0, 9])
    #expect(answered.description.bundleGroups == [["1"]])
  }

  @Test func `refuses a candidate before there is a description`() throws {
    var session = try makeSession()
    #expect(throws: NegotiationError.noRemoteDescription) {
      try session.addRemoteCandidate("", at: .zero)
    }
    #expect(throws: NegotiationError.self) { try session.createAnswer() }
    #expect(throws: NegotiationError.self) {
      try session.setLocalDescription(.answer, "", at: .zero)
    }
    _ = session.addTransceiver(
      .video,
      direction: .sendonly,
      outgoing: try track(),
      isForAnyLine: true
    )
    try session.setRemoteDescription(.offer, offer([video(0)]), at: .zero)
    #expect(throws: NegotiationError.malformedCandidate) {
      try session.addRemoteCandidate("candidate:nonsense", at: .zero)
    }
    let answer = try session.createAnswer()
    #expect(throws: NegotiationError.modified) {
      try session.setLocalDescription(.answer, answer + "a=x\r\n", at: .zero)
    }
    try session.setLocalDescription(.answer, answer, at: .zero)
    #expect(throws: NegotiationError.self) {
      try session.setLocalDescription(.answer, answer, at: .zero)
    }
  }
}
