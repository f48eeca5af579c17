// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import PeerSession
import SDP
import Testing
import Wire

@Suite struct NegotiationTests {
  static let served: [(name: String, payloadType: UInt8, retransmission: UInt8, mid: String)] = [
    ("chromiumViewer", 108, 109, "0"), ("chromiumAudioVideo", 108, 109, "0"),
    ("chromiumCall", 108, 109, "1"), ("firefoxViewer", 126, 127, "0"),
    ("firefoxCall", 126, 127, "1"), ("safariViewer", 98, 99, "0"),
  ]

  @Test(arguments: served)
  func `answers a browser's offer line by line`(
    name: String,
    payloadType: UInt8,
    retransmission: UInt8,
    mid: String
  ) throws {
    let text = try #require(BrowserOffers.all.first { $0.name == name }).text
    let offered = try SessionDescription(parsing: text)
    let answered = try answer(text)
    #expect(answered.rejections.isEmpty)
    #expect(answered.media.map(\.kind) == offered.media.map(\.kind))
    #expect(answered.media.map(\.mid) == offered.media.map(\.mid))
    #expect(answered.media.map(\.proto) == offered.media.map(\.proto))
    let channels = offered.media.filter { $0.kind == .application }.compactMap(\.mid)
    #expect(answered.description.bundleGroups == [[mid] + channels])
    for (line, asked) in zip(answered.media, offered.effectiveMedia) {
      guard line.mid == mid else {
        let isServed = line.kind == .application
        #expect(line.port == (isServed ? 9 : 0))
        #expect((line.transport == TransportDescription()) != isServed)
        continue
      }
      #expect(line.port == 9)
      #expect(line.direction == .sendonly)
      #expect(line.hasRTCPMux)
      #expect(line.hasReducedSizeRTCP == asked.hasReducedSizeRTCP)
      let roundTrip = "rtcp-xr:rcvr-rtt=all"
      #expect(line.other == (asked.other.contains(roundTrip) ? [roundTrip] : []))
      #expect(line.codecs.map(\.payloadType) == [payloadType, retransmission])
      let codec = try #require(line.codecs.first)
      #expect(codec.isNamed("H264"))
      #expect(codec.packetizationMode == 1)
      #expect(codec.isLevelAsymmetryAllowed)
      #expect(codec.parameters["profile-level-id"] == "42e028")
      #expect(codec.feedback == ["nack", "nack pli", "ccm fir"])
      #expect(line.codecs.last?.associatedPayloadType == payloadType)
      #expect(!line.extensions.isEmpty)
      for map in line.extensions {
        #expect(asked.extensions.contains { $0.id == map.id && $0.uri == map.uri })
        #expect(map.direction != .recvonly)
      }
      #expect(line.extensionID("urn:ietf:params:rtp-hdrext:sdes:mid") != nil)
      #expect(line.setup == .active)
      #expect(line.transport.iceOptions == ["trickle"])
      #expect(line.streams == [.init(stream: "stream", track: "track0")])
      let group = try #require(line.sourceGroups.first)
      #expect(group.semantics == "FID")
      #expect(group.sources.count == 2 && group.sources == line.sources)
      let names = Set(line.sources.map { line.canonicalName(of: $0) ?? "" })
      #expect(names.count == 1 && names != [""])
    }
  }

  @Test(arguments: BrowserOffers.all.map(\.text))
  func `writes lines that end in CR LF and read back the same`(offer: String) throws {
    let answered = try answer(offer)
    #expect(answered.description.description == answered.text)
    let bytes = Array(answered.text.utf8)
    #expect(bytes.suffix(2) == [13, 10])
    for (index, byte) in bytes.enumerated() where byte == 10 {
      #expect(bytes[index - 1] == 13)
    }
    #expect(bytes.count { $0 == 13 } == bytes.count { $0 == 10 })
  }

  @Test(arguments: [BrowserOffers.withoutH264, BrowserOffers.firefoxWithoutH264])
  func `rejects an offer without H.264 in its place, and says what was offered`(
    offer: String
  ) throws {
    let answered = try answer(offer)
    #expect(answered.media.map(\.port) == [0])
    #expect(answered.media[0].mid == "0")
    #expect(answered.description.bundleGroups.isEmpty)
    let sentence = try #require(answered.rejections.first)
    #expect(answered.rejections.count == 1)
    #expect(sentence.contains { $0 == "H" })
    for name in ["VP8", "VP9", "AV1"] {
      #expect(sentence.utf8.count > name.utf8.count && lines(sentence)[0].hasWord(name))
    }
    #expect(!sentence.hasWord("rtx"))
  }

  @Test func `answers a browser's data channels in the bundle of what else it serves`() throws {
    let answered = try answer(BrowserOffers.chromiumCall)
    #expect(answered.media.map(\.port) == [0, 9, 9])
    #expect(answered.media[2].kind == .application)
    #expect(answered.media[2].formats == ["webrtc-datachannel"])
    #expect(answered.description.bundleGroups == [["1", "2"]])
  }

  @Test(arguments: [
    ("recvonly", true), ("sendrecv", true), ("sendonly", false), ("inactive", false),
  ])
  func `sends only where the peer receives`(direction: String, isServed: Bool) throws {
    let answered = try answer(offer([video(0, direction: direction)]))
    #expect(answered.media[0].port == (isServed ? 9 : 0))
    #expect(answered.media[0].direction == (isServed ? .sendonly : .inactive))
    #expect(
      answered.rejections == (isServed ? [] : ["The offer's video m-line does not receive."])
    )
  }

  @Test(arguments: [
    ("rtcp-xr:rcvr-rtt=sender:100", true), ("rtcp-xr:stat-summary=loss rcvr-rtt=all", true),
    ("rtcp-xr:voip-metrics", false), ("rtcp-xr", false), ("rcvr-rtt:all", false),
  ])
  func `lets a peer learn the round trip only where it asks`(asked: String, isTold: Bool) throws {
    let text = edit(offer([video(0)])) { $0 == "a=rtcp-mux" ? "a=rtcp-mux\r\na=\(asked)" : $0 }
    #expect(try answer(text).media[0].other == (isTold ? ["rtcp-xr:rcvr-rtt=all"] : []))
  }

  @Test func `rejects video without rtcp-mux`() throws {
    let text = edit(offer([video(0)])) { $0 == "a=rtcp-mux" ? nil : $0 }
    let answered = try answer(text)
    #expect(answered.media[0].port == 0)
    #expect(answered.rejections == ["The offer's video m-line has no a=rtcp-mux."])
  }

  @Test(arguments: ["a=ice-ufrag:ufrag0", "a=ice-pwd:passwordpasswordpassword0"])
  func `refuses an offer without ICE credentials`(line: String) throws {
    let text = edit(offer([video(0)])) { $0 == line ? nil : $0 }
    let sentence = try #require(try refusal(text))
    #expect(sentence.hasWord("ICE") && sentence.last == ".")
  }

  @Test func `refuses ICE credentials that cannot be used`() throws {
    let text = replacing("a=ice-ufrag:ufrag0", "a=ice-ufrag:uf~~", in: offer([video(0)]))
    #expect(try refusal(text)?.hasWord("ICE") == true)
  }

  @Test func `refuses an offer without a fingerprint or with one it cannot read`() throws {
    let bare = edit(offer([video(0)])) { $0.utf8.starts(with: "a=fingerprint".utf8) ? nil : $0 }
    #expect(try refusal(bare)?.hasWord("fingerprint") == true)
    let odd = edit(offer([video(0)])) { line in
      line.utf8.starts(with: "a=fingerprint".utf8) ? "a=fingerprint:sha-256 01:02" : line
    }
    #expect(try refusal(odd)?.hasWord("fingerprint") == true)
  }

  @Test(arguments: [("actpass", "active"), ("passive", "active"), ("active", "passive")])
  func `takes the DTLS role that the offer leaves`(offered: String, answered: String) throws {
    let text = replacing("a=setup:actpass", "a=setup:\(offered)", in: offer([video(0)]))
    #expect(try answer(text).media[0].setup?.rawValue == answered)
  }

  @Test func `refuses holdconn, and is the client where nothing is said`() throws {
    let text = offer([video(0)])
    let hold = replacing("a=setup:actpass", "a=setup:holdconn", in: text)
    #expect(try refusal(hold)?.hasWord("holdconn") == true)
    let silent = edit(text) { $0 == "a=setup:actpass" ? nil : $0 }
    #expect(try answer(silent).media[0].setup == .active)
  }

  @Test func `says what is wrong with a text that is no description`() throws {
    #expect(try refusal("hello")?.utf8.last == UInt8(ascii: "."))
    #expect(try refusal("") != nil)
    let rejected = replacing(
      "m=video 9 UDP/TLS/RTP/SAVPF 102",
      "m=video 0 UDP/TLS/RTP/SAVPF 102",
      in: offer([video(0)])
    )
    #expect(try refusal(rejected)?.hasWord("rejected") == true)
  }

  @Test func `says so when there is no video at all`() throws {
    let answered = try answer(offer([audio(0)]))
    #expect(answered.media.map(\.port) == [0])
    #expect(answered.rejections == ["The offer has no m-line that receives video."])
    #expect(try answer(offer([audio(0)]), tracks: 0).rejections.isEmpty)
  }

  /// Lets `session` send pictures and sound on whatever m-line takes them.
  private func addBoth(to session: inout PeerSession) throws {
    let sound = OutgoingTrack(trackID: "sound", streamIDs: ["stream"])
    for (kind, outgoing) in [(MediaKind.video, try track()), (.audio, sound)] {
      let id = session.addTransceiver(
        kind,
        direction: .sendonly,
        outgoing: outgoing,
        isForAnyLine: true
      )
      #expect(id != nil)
    }
  }

  @Test func `gives pictures without sound to a viewer who takes no sound that we have`() throws {
    let deaf = replacing(
      "a=rtpmap:111 opus/48000/2",
      "a=rtpmap:111 G722/8000",
      in: offer(group: "0 1", [video(0), audio(1)])
    )
    for (text, ports) in [(offer([video(0)]), [UInt16(9)]), (deaf, [9, 0])] {
      var session = try makeSession()
      try addBoth(to: &session)
      try session.setRemoteDescription(.offer, text, at: .zero)
      let answered = try SessionDescription(parsing: try session.createAnswer())
      #expect(answered.media.map(\.port) == ports)
      #expect(session.rejections.isEmpty, "\(session.rejections)")
    }
  }

  @Test func `gives sound alone to who asks for no pictures, and not to who cannot show ours`()
    throws
  {
    let unlike = replacing(
      "a=rtpmap:102 H264/90000",
      "a=rtpmap:102 VP8/90000",
      in: offer(group: "0 1", [video(0), audio(1)])
    )
    for (text, isServed) in [(offer([audio(0)]), true), (unlike, false)] {
      var session = try makeSession()
      try addBoth(to: &session)
      try session.setRemoteDescription(.offer, text, at: .zero)
      _ = try session.createAnswer()
      #expect(session.rejections.isEmpty == isServed, "\(session.rejections)")
    }
  }

  @Test(arguments: [
    ("0 111", "opus"), ("8 0", "PCMA"), ("0", "PCMU"), ("9 8", "PCMA"),
  ])
  func `takes Opus where it is offered, and else what of G711 the peer likes better`(
    formats: String,
    expected: String
  ) throws {
    var text = replacing(
      "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      "m=audio 9 UDP/TLS/RTP/SAVPF \(formats)",
      in: offer(group: "0 1", [video(0), audio(1)])
    )
    if !formats.utf8.elementsEqual("0 111".utf8) {
      text = edit(text) { $0.utf8.starts(with: "a=rtpmap:111".utf8) ? nil : $0 }
    }
    var session = try makeSession()
    try addBoth(to: &session)
    try session.setRemoteDescription(.offer, text, at: .zero)
    let answer = try session.createAnswer()
    let line = try SessionDescription(parsing: answer).media[1]
    #expect(line.codecs.map(\.name) == [expected])
    #expect(line.codecs[0].parameters.isEmpty == (expected != "opus"))
    try session.setLocalDescription(.answer, answer, at: .zero)
    let id = try #require(session.transceivers.first { $0.kind == .audio }?.id)
    #expect(session.audioCodec(sending: id)?.rawValue == expected)
  }

  @Test(arguments: [
    ("111/111", true), ("111/111/111", true), ("111", false), ("111/63", false),
    ("111/111;x", false),
  ])
  func `takes copies of Opus where they are offered`(parts: String, isTaken: Bool) throws {
    let text = edit(offer(group: "0 1", [video(0), audio(1)])) { line in
      line.utf8.starts(with: "a=rtpmap:111".utf8)
        ? "a=rtpmap:63 red/48000/2\r\na=fmtp:63 \(parts)\r\n" + line
        : line.utf8.starts(with: "m=audio".utf8) ? "m=audio 9 UDP/TLS/RTP/SAVPF 63 111" : line
    }
    var session = try makeSession()
    try addBoth(to: &session)
    try session.setRemoteDescription(.offer, text, at: .zero)
    let line = try SessionDescription(parsing: try session.createAnswer()).media[1]
    #expect(line.codecs.map(\.payloadType) == (isTaken ? [111, 63] : [111]))
    #expect(line.codecs.last?.redundantPayloadType == (isTaken ? 111 : nil))
  }

  @Test func `reads how a peer likes its Opus`() throws {
    var expected = OpusPreferences()
    let all = "a=fmtp:111 minptime=20;useinbandfec=1;stereo=1;usedtx=1;sprop-stereo=0"
    for text in ["a=fmtp:111 stereo=0;minptime=x;useinbandfec=yes", all] {
      let asked = edit(offer(group: "0 1", [video(0), audio(1)])) { line in
        line.utf8.starts(with: "a=rtpmap:111".utf8) ? line + "\r\n" + text : line
      }
      var session = try makeSession()
      try addBoth(to: &session)
      try session.setRemoteDescription(.offer, asked, at: .zero)
      try session.setLocalDescription(.answer, try session.createAnswer(), at: .zero)
      let id = try #require(session.transceivers.first { $0.kind == .audio }?.id)
      #expect(session.opusPreferences(sending: id) == expected)
      #expect(session.audioLoss(sending: id) == nil)
      expected.isStereo = true
      expected.usesForwardErrorCorrection = true
      expected.skipsSilence = true
      expected.leastPacketTime = 20
    }
  }

  @Test func `answers the asymmetric level only where it is offered`() throws {
    let text = edit(offer([video(0)])) { line in
      line.utf8.starts(with: "a=fmtp".utf8)
        ? "a=fmtp:102 packetization-mode=1;profile-level-id=42c01f" : line
    }
    let codec = try #require(try answer(text).media[0].codecs.first)
    #expect(codec.parameters["level-asymmetry-allowed"] == nil)
    #expect(codec.parameters["profile-level-id"] == "42e01f")
  }

  @Test func `answers without retransmission where none is offered`() throws {
    let line = try answer(offer([video(0)])).media[0]
    #expect(line.codecs.map(\.payloadType) == [102])
    #expect(line.sourceGroups.isEmpty)
    #expect(line.sources.count == 1)
    #expect(line.codecs[0].feedback.isEmpty)
  }

  @Test func `answers an extension in the direction that is offered`() throws {
    let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
    let delay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
    let extra = ["a=extmap:3/sendonly \(mid)", "a=extmap:6/recvonly \(delay)"]
    let line = try answer(offer([video(0, extra: extra)])).media[0]
    #expect(line.extensions == [ExtensionMap(id: 6, uri: delay, direction: .sendonly)])
    let long = ["a=extmap:15 \(mid)", "a=extmap:256 \(delay)"]
    #expect(try answer(offer([video(0, extra: long)])).media[0].extensions.isEmpty)
  }
}
