// SPDX-License-Identifier: Apache-2.0
import Checks
import PeerSession
import SDP
import Testing
import Wire

/// The m-line of data channels in both roles (RFC 8841, RFC 9429).
@Suite struct DataNegotiationTests {
  private func channels(
    _ number: Int,
    proto: String = "UDP/DTLS/SCTP",
    format: String = "webrtc-datachannel",
    extra: [String] = ["a=sctp-port:5000", "a=max-message-size:262144"]
  ) -> [String] {
    ["m=application 9 \(proto) \(format)", "c=IN IP4 0.0.0.0", "a=mid:\(number)"]
      + transportLines(number) + extra
  }

  /// What an offer of channels alone is answered with, and how long a message may be then.
  private func longest(_ extra: [String]) throws -> Int? {
    var session = try makeSession()
    try session.setRemoteDescription(.offer, offer([channels(0, extra: extra)]), at: .zero)
    try session.setLocalDescription(.answer, try session.createAnswer(), at: .zero)
    let transport = session.dataTransport
    return transport?.maximumMessage
  }

  @Test func `offers the m-line for the first channel, behind the media, and once`() throws {
    var pair = try Pair()
    _ = pair.ours.addTransceiver(.video, direction: .sendonly, outgoing: try track())
    #expect(pair.ours.dataTransport == nil)
    let first = pair.ours.openChannel(DataChannelParameters(label: "one"), at: .zero)
    let second = pair.ours.openChannel(DataChannelParameters(label: "two"), at: .zero)
    #expect(first != nil && second != nil && first != second)
    let line = try #require(try pair.offer().media.last)
    #expect(line.kind == .application && line.proto == "UDP/DTLS/SCTP" && line.port == 9)
    #expect(line.formats == ["webrtc-datachannel"] && line.mid == "1")
    #expect(line.sctpPort == 5_000 && line.maxMessageSize == 262_144)
    #expect(line.statedDirection == nil && !line.hasRTCPMux && line.codecs.isEmpty)
    let answer = try pair.answer()
    #expect(answer.media.map(\.port) == [9, 9])
    #expect(answer.bundleGroups == [["0", "1"]])
    try pair.take(answer)
    #expect(!pair.ours.needsNegotiation && !pair.theirs.needsNegotiation)
    // The other side has nothing to add to it.
    let theirs = pair.theirs.openChannel(DataChannelParameters(label: "three"), at: .zero)
    #expect(theirs != nil && !pair.theirs.needsNegotiation)
    try pair.exchange()
    #expect(pair.ours.dataTransport?.state == .connecting)
  }

  @Test func `offers channels alone, and channels of a later exchange in a place that is free`()
    throws
  {
    var pair = try Pair()
    _ = pair.ours.openChannel(DataChannelParameters(label: ""), at: .zero)
    #expect(pair.ours.needsNegotiation == true)
    try pair.exchange()
    #expect(pair.theirs.candidateLine?.mid == "0")
    var other = try Pair()
    let video = try other.ours.add(.video, direction: .sendonly, outgoing: try track())
    try other.exchange()
    other.ours.stopTransceiver(video)
    try other.exchange()
    _ = other.ours.openChannel(DataChannelParameters(label: ""), at: .zero)
    let offer = try other.offer()
    #expect(offer.media.map(\.kind) == [.application])
    try other.take(try other.answer())
    #expect(other.ours.dataTransport != nil)
  }

  @Test func `gives streams when the roles are known, even ones to the client`() throws {
    var pair = try Pair()
    let ids = (0..<3).map { number in
      pair.ours.openChannel(DataChannelParameters(label: "\(number)"), at: .zero) ?? -1
    }
    #expect(ids.allSatisfy { pair.ours.dataChannel($0)?.stream == nil })
    try pair.exchange()
    // Who answers is the client.
    #expect(ids.map { pair.ours.dataChannel($0)?.stream } == [1, 3, 5])
    let theirs = pair.theirs.openChannel(DataChannelParameters(label: ""), at: .zero) ?? -1
    #expect(pair.theirs.dataChannel(theirs)?.stream == 0)
  }

  @Test func `answers channels without any media`() throws {
    let answered = try answer(offer([channels(0)]), tracks: 0)
    #expect(answered.media.map(\.port) == [9])
    #expect(answered.media[0].sctpPort == 5_000)
    #expect(answered.description.bundleGroups == [["0"]])
    #expect(answered.rejections.isEmpty)
  }

  @Test func `honours the longest message that the peer takes`() throws {
    #expect(try longest(["a=sctp-port:5000", "a=max-message-size:1200"]) == 1_200)
    #expect(try longest(["a=sctp-port:5000"]) == 65_536)
    #expect(try longest(["a=sctp-port:5000", "a=max-message-size:0"]) == 262_144)
    let endless = "a=max-message-size:18446744073709551615"
    #expect(try longest(["a=sctp-port:5000", endless]) == 262_144)
  }

  @Test func `rejects what are no data channels as RFC 8841 has them`() throws {
    let strangers = [
      channels(
        0,
        proto: "DTLS/SCTP",
        format: "5000",
        extra: ["a=sctpmap:5000 webrtc-datachannel 9"]
      ),
      channels(0, extra: []), channels(0, extra: ["a=sctp-port:0"]),
      channels(0, format: "bfcp"), channels(0, proto: "UDP/TLS"),
    ]
    for stranger in strangers {
      let answered = try answer(offer(group: "0 1", [stranger, video(1)]))
      #expect(answered.media.map(\.port) == [0, 9], "\(stranger[0])")
    }
  }

  @Test func `takes one m-line of channels, and only in the bundle of the media`() throws {
    let twice = try answer(offer(group: "0 1 2", [channels(0), video(1), channels(2)]))
    #expect(twice.media.map(\.port) == [9, 9, 0])
    #expect(twice.description.bundleGroups == [["0", "1"]])
    let apart = try answer(offer(group: "1/0", [video(0), channels(1)]))
    #expect(apart.media.map(\.port) == [9, 0])
  }

  @Test func `refuses an answer that makes something else of our m-line`() throws {
    var pair = try Pair()
    _ = pair.ours.openChannel(DataChannelParameters(label: ""), at: .zero)
    _ = try pair.offer()
    let good = try pair.answer()
    for (old, new) in [
      ("a=sctp-port:5000", "a=x"), ("a=sctp-port:5000", "a=sctp-port:0"),
      (
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "m=application 9 UDP/BFCP webrtc-datachannel"
      ),
    ] {
      let bad = replacing(old, new, in: good.description)
      #expect(throws: NegotiationError.self) {
        try pair.ours.setRemoteDescription(.answer, bad, at: .zero)
      }
    }
    #expect(pair.ours.signalingState == .haveLocalOffer)
    try pair.take(good)
    #expect(pair.ours.dataTransport != nil)
  }

  @Test func `refuses an offer that puts something else in the place of the channels`() throws {
    var session = try makeSession()
    try session.setRemoteDescription(
      .offer,
      offer(group: "0 1", [video(0), channels(1)]),
      at: .zero
    )
    try session.setLocalDescription(.answer, try session.createAnswer(), at: .zero)
    for bad in [
      offer(group: "0 1", [video(0), video(1)]),
      offer(group: "1 0", [channels(1), video(0)]),
      offer(group: "0 2", [video(0), channels(2)]),
    ] {
      #expect(throws: NegotiationError.self) {
        try session.setRemoteDescription(.offer, bad, at: .zero)
      }
    }
    #expect(session.signalingState == .stable)
  }

  @Test func `rolls back to where there were no channels, and still wants them`() throws {
    var session = try makeSession()
    _ = session.openChannel(DataChannelParameters(label: ""), at: .zero)
    let text = try session.createOffer()
    try session.setLocalDescription(.offer, text, at: .zero)
    #expect(session.dataTransport != nil)
    try session.rollBack()
    #expect(session.dataTransport == nil)
    #expect(session.needsNegotiation == true)
    let again = try session.createOffer()
    #expect(try SessionDescription(parsing: again).media.map(\.kind) == [.application])
  }

  @Test func `is refused in its place by a peer without channels, and ends them`() throws {
    var pair = try Pair()
    _ = pair.ours.addTransceiver(.video, direction: .sendonly, outgoing: try track())
    let opened = pair.ours.openChannel(DataChannelParameters(label: ""), at: .zero)
    let id = try #require(opened)
    _ = try pair.offer()
    var answer = try pair.answer()
    answer.media[1].port = 0
    answer.bundleGroups = [["0"]]
    try pair.take(answer)
    #expect(pair.ours.dataTransport == nil)
    #expect(pair.ours.dataChannel(id) == nil)
    var ends = 0
    while let event = pair.ours.nextEvent() {
      if case .channel(id, .closed(.some)) = event { ends += 1 }
    }
    #expect(ends == 1)
    #expect(pair.ours.needsNegotiation == false)
  }
}
