// SPDX-License-Identifier: Apache-2.0
import Checks
import ICE
import PeerSession
import SDP
import Testing
import Wire

/// Two sessions that tell one another what they say, with nothing lost between them.
struct Pair: ~Copyable {
  var ours: PeerSession
  var theirs: PeerSession

  init() throws {
    let ours = try makeSession()
    let theirs = try makeSession()
    self.ours = ours
    self.theirs = theirs
  }

  /// Our offer, put in force here.
  mutating func offer() throws -> SessionDescription {
    let text = try ours.createOffer()
    try ours.setLocalDescription(.offer, text, at: .zero)
    return try SessionDescription(parsing: text)
  }

  /// The other side's answer to our pending offer; it is not taken yet.
  mutating func answer() throws -> SessionDescription {
    let offer = ours.pendingLocalDescription ?? ""
    try theirs.setRemoteDescription(.offer, offer, at: .zero)
    let text = try theirs.createAnswer()
    try theirs.setLocalDescription(.answer, text, at: .zero)
    return try SessionDescription(parsing: text)
  }

  mutating func take(_ answer: SessionDescription) throws {
    try ours.setRemoteDescription(.answer, answer.description, at: .zero)
  }

  /// The same with our offer.
  mutating func exchange() throws {
    _ = try offer()
    try take(try answer())
  }
}

@Suite struct OfferTests {
  private let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"

  private func offered(_ session: inout PeerSession) throws -> SessionDescription {
    let text = try session.createOffer()
    try session.setLocalDescription(.offer, text, at: .zero)
    return try SessionDescription(parsing: text)
  }

  @Test func `offers each transceiver in one bundle as JSEP wants it`() throws {
    var session = try makeSession()
    _ = session.addTransceiver(.video, direction: .sendrecv, outgoing: try track())
    _ = session.addTransceiver(.audio, direction: .recvonly)
    _ = session.addTransceiver(.video, direction: .sendonly, outgoing: try track(2))
    let offer = try offered(&session)
    #expect(offer.media.map(\.mid) == ["0", "1", "2"])
    #expect(offer.bundleGroups == [["0", "1", "2"]])
    #expect(offer.media.map(\.kind) == [.video, .audio, .video])
    #expect(offer.media.map(\.direction) == [.sendrecv, .recvonly, .sendonly])
    #expect(offer.media.allSatisfy { $0.port == 9 && $0.proto == "UDP/TLS/RTP/SAVPF" })
    #expect(offer.media.allSatisfy { $0.hasRTCPMux && $0.hasReducedSizeRTCP })
    #expect(offer.media.allSatisfy { $0.setup == .actpass && $0.fingerprints.count == 1 })
    #expect(offer.media.allSatisfy { $0.iceOptions == ["trickle"] })
    #expect(Set(offer.media.map(\.transport)).count == 1)
    #expect(offer.media[0].streams == [.init(stream: "stream", track: "track1")])
    #expect(offer.media[1].streams.isEmpty && offer.media[1].sources.isEmpty)
    #expect(offer.media[2].streams == [.init(stream: "stream", track: "track2")])
    #expect(Set(offer.media.flatMap(\.sources)).count == 4)
    #expect(offer.media.allSatisfy { $0.extensionID(mid) == 1 })
    #expect(offer.media.map { $0.other.contains("rtcp-xr:rcvr-rtt=all") } == [true, false, true])
    // One number says one thing in the whole bundle.
    var meanings: [UInt8: CodecDescription] = [:]
    for codec in offer.media.flatMap(\.codecs) {
      #expect(meanings.updateValue(codec, forKey: codec.payloadType).map { $0 == codec } ?? true)
    }
  }

  @Test func `announces the streams of a track that comes later`() throws {
    var session = try makeSession()
    let id = try session.add(.video, direction: .sendrecv)
    #expect(try offered(&session).media[0].streams == [.init(stream: "-", track: nil)])
    session.setStreams(["one", "two"], of: id)
    let line = try offered(&session).media[0]
    #expect(line.streams.map(\.stream) == ["one", "two"])
    #expect(line.sources.count == 2)
  }

  @Test func `counts the version of each offer, and keeps names and sources`() throws {
    var pair = try Pair()
    _ = pair.ours.addTransceiver(.video, direction: .sendrecv, outgoing: try track())
    let first = try pair.offer()
    let again = try pair.offer()
    #expect(again.origin.version == first.origin.version + 1)
    #expect(again.origin.sessionID == first.origin.sessionID)
    #expect(again.media == first.media)
    try pair.take(try pair.answer())
    let next = try pair.offer()
    #expect(next.origin.version == first.origin.version + 2)
    #expect(next.media == first.media)
  }

  @Test(arguments: ["chromiumViewer", "chromiumCall", "firefoxViewer", "safariViewer"])
  func `adds m-lines under numbers that a browser's offer has not given away`(name: String) throws {
    let text = try #require(BrowserOffers.all.first { $0.name == name }).text
    let browser = try SessionDescription(parsing: text)
    var session = try makeSession()
    _ = try session.answer(text, sending: [track()], at: .zero)
    let answered = try SessionDescription(parsing: session.localDescription ?? "")
    _ = session.addTransceiver(.video, direction: .sendrecv, outgoing: try track(2))
    let high = OutgoingTrack(trackID: "high", streamIDs: [], profile: H264Profile("640c28"))
    _ = session.addTransceiver(.video, direction: .sendonly, outgoing: high)
    _ = session.addTransceiver(.audio, direction: .sendrecv)
    let offer = try offered(&session)
    let live = offer.media.filter { !$0.isRejected }
    #expect(live.count == answered.media.count { !$0.isRejected } + 3)
    var codecs: [UInt8: String] = [:]
    var extensions: [UInt16: String] = [:]
    for line in browser.effectiveMedia {
      for codec in line.codecs { codecs[codec.payloadType] = codec.name.lowercased() }
      for map in line.extensions { extensions[map.id] = map.uri }
    }
    for line in live {
      #expect(Set(line.codecs.map(\.payloadType)).count == line.codecs.count)
      for codec in line.codecs {
        let known = codecs[codec.payloadType]
        #expect(known == nil || known == codec.name.lowercased(), "\(codec.payloadType)")
      }
      for map in line.extensions {
        #expect(extensions[map.id] == nil || extensions[map.id] == map.uri, "\(map)")
        #expect(map.direction == nil)
      }
    }
    // What was agreed stays under its numbers and its name.
    let kept = answered.media.indices.filter { !answered.media[$0].isRejected }
    for index in kept {
      #expect(offer.media[index].mid == answered.media[index].mid)
      #expect(
        offer.media[index].codecs.map(\.payloadType)
          == answered.media[index].codecs.map(\.payloadType)
      )
      #expect(offer.media[index].sources == answered.media[index].sources)
    }
    #expect(Set(live.compactMap(\.mid)).count == live.count)
  }

  @Test func `leaves a stopped m-line in its place, and gives the place away after the answer`()
    throws
  {
    var pair = try Pair()
    let first = try pair.ours.add(.video, direction: .sendrecv)
    _ = pair.ours.addTransceiver(.audio, direction: .sendrecv)
    try pair.exchange()
    pair.ours.stopTransceiver(first)
    let stopped = try pair.offer()
    #expect(stopped.media.map(\.isRejected) == [true, false])
    #expect(stopped.bundleGroups == [["1"]])
    try pair.take(try pair.answer())
    #expect(pair.ours.transceivers.map(\.mid) == ["1"])
    #expect(pair.theirs.transceivers.map(\.mid) == ["1"])
    _ = pair.ours.addTransceiver(.audio, direction: .sendonly)
    let recycled = try pair.offer()
    #expect(recycled.media.map(\.mid) == ["2", "1"])
    #expect(recycled.media.map(\.kind) == [.audio, .audio])
    try pair.take(try pair.answer())
    #expect(pair.theirs.transceivers.map(\.line).sorted { $0 ?? 0 < $1 ?? 0 } == [0, 1])
  }

  @Test func `rejects what is stopped while its offer is out`() throws {
    var pair = try Pair()
    _ = pair.ours.addTransceiver(.audio, direction: .sendrecv)
    try pair.exchange()
    let late = try pair.ours.add(.video, direction: .sendrecv)
    _ = pair.ours.addTransceiver(.audio, direction: .sendrecv)
    #expect(try pair.offer().media.count == 3)
    pair.ours.stopTransceiver(late)
    let again = try pair.offer()
    #expect(again.media.map(\.isRejected) == [false, true, false])
    #expect(again.media.map(\.mid) == ["0", "1", "2"])
    try pair.take(try pair.answer())
    #expect(pair.ours.transceivers.map(\.mid) == ["0", "2"])
    #expect(pair.ours.needsNegotiation == false)
  }

  @Test func `does not give away the place of an m-line that was stopped before it was known`()
    throws
  {
    var pair = try Pair()
    let first = try pair.ours.add(.video, direction: .sendrecv)
    let text = try pair.ours.createOffer()
    pair.ours.stopTransceiver(first)
    try pair.ours.setLocalDescription(.offer, text, at: .zero)
    try pair.take(try pair.answer())
    _ = pair.ours.addTransceiver(.audio, direction: .sendrecv)
    let next = try pair.offer()
    #expect(next.media.map(\.isRejected) == [true, false])
    #expect(next.media.map(\.mid) == ["0", "1"])
  }

  @Test func `offers a track of another profile first, and no payload type twice`() throws {
    var pair = try Pair()
    let id = try pair.ours.add(.video, direction: .sendrecv, outgoing: try track())
    try pair.exchange()
    let high = OutgoingTrack(trackID: "high", streamIDs: ["stream"], profile: H264Profile("640c28"))
    pair.ours.setOutgoing(high, of: id)
    let line = try pair.offer().media[0]
    #expect(Set(line.codecs.map(\.payloadType)).count == line.codecs.count)
    #expect(line.codecs.first?.h264Profile?.name == .constrainedHigh)
    #expect(line.codecs.contains { $0.h264Profile?.name == .constrainedBaseline })
  }

  @Test func `an offer of nothing agrees on nothing, and others follow`() throws {
    var pair = try Pair()
    #expect(try pair.offer().media.isEmpty)
    let answer = try pair.answer()
    #expect(answer.media.isEmpty)
    try pair.take(answer)
    #expect(pair.ours.signalingState == .stable && pair.theirs.signalingState == .stable)
    #expect(pair.ours.iceState == .new && pair.ours.remoteUsernameFragment == nil)
    let id = try pair.ours.add(.video, direction: .sendrecv, outgoing: try track())
    #expect(pair.ours.needsNegotiation == true)
    try pair.exchange()
    #expect(pair.ours.mid(sending: id) == "0")
    #expect(pair.ours.remoteUsernameFragment == pair.theirs.usernameFragment)
  }

  @Test func `an offer that is to restart ICE does so alone`() throws {
    var pair = try Pair()
    _ = try pair.ours.add(.video, direction: .sendrecv, outgoing: try track())
    let first = pair.ours.usernameFragment
    func name(in text: String) throws -> String? {
      try SessionDescription(parsing: text).media[0].usernameFragment
    }
    #expect(
      try name(in: try pair.ours.createOffer(restartsICE: true)) == first,
      "nothing to restart"
    )
    try pair.exchange()
    #expect(pair.ours.usernameFragment == first)
    // Thrown away, it leaves nothing behind.
    #expect(try name(in: try pair.ours.createOffer(restartsICE: true)) != first)
    #expect(pair.ours.needsNegotiation == false)
    #expect(try name(in: try pair.ours.createOffer()) == first)
    // Replaced by one that restarts nothing.
    let unused = try pair.ours.createOffer(restartsICE: true)
    try pair.ours.setLocalDescription(.offer, unused, at: .zero)
    try pair.exchange()
    #expect(pair.ours.usernameFragment == first)
    // Taken back.
    let taken = try pair.ours.createOffer(restartsICE: true)
    try pair.ours.setLocalDescription(.offer, taken, at: .zero)
    try pair.ours.rollBack()
    #expect(pair.ours.needsNegotiation == false)
    #expect(try name(in: try pair.ours.createOffer()) == first)
    // Answered.
    let applied = try pair.ours.createOffer(restartsICE: true)
    try pair.ours.setLocalDescription(.offer, applied, at: .zero)
    try pair.take(try pair.answer())
    #expect(pair.ours.usernameFragment != first)
    let second = pair.ours.usernameFragment
    #expect(try name(in: try pair.ours.createOffer()) == second)
  }

  // MARK: What we receive

  @Test(arguments: ["chromiumCall", "firefoxCall"])
  func `receives H264 and Opus of a browser that sends`(name: String) throws {
    let text = try #require(BrowserOffers.all.first { $0.name == name }).text
    var session = try makeSession()
    try session.setRemoteDescription(.offer, text, at: .zero)
    let offered = try SessionDescription(parsing: text).effectiveMedia
    let known = offered.filter { $0.kind == .audio || $0.kind == .video }
    #expect(session.transceivers.count == known.count)
    #expect(
      session.transceivers.allSatisfy({ $0.isRemoteSending && $0.direction == .recvonly }) == true
    )
    #expect(
      session.transceivers.map(\.incoming.streamIDs) == known.map { $0.streams.map(\.stream) }
    )
    let answer = try session.createAnswer()
    try session.setLocalDescription(.answer, answer, at: .zero)
    let lines = try SessionDescription(parsing: answer).media
    for (line, asked) in zip(lines, offered) {
      guard asked.kind == .audio || asked.kind == .video else {
        #expect(line.kind == .application && line.sctpPort == 5000 && !line.isRejected)
        continue
      }
      #expect(line.direction == .recvonly)
      #expect(line.streams.isEmpty && line.sources.isEmpty)
      let codec = try #require(line.codecs.first)
      #expect(asked.codec(codec.payloadType)?.isNamed(codec.name) == true)
      #expect(codec.isNamed(asked.kind == .audio ? "opus" : "H264"))
      #expect(asked.kind == .audio || codec.h264Profile?.name == .constrainedBaseline)
    }
    #expect(session.transceivers.allSatisfy({ $0.currentDirection == .recvonly }) == true)
    #expect(session.needsNegotiation == false)
  }

  @Test(arguments: [
    (MediaDirection.sendrecv, MediaDirection.sendrecv), (.sendonly, .recvonly),
    (.recvonly, .sendonly), (.inactive, .inactive),
  ])
  func `answers a direction with what is left of it`(
    offered: MediaDirection,
    answered: MediaDirection
  ) throws {
    var pair = try Pair()
    let ours = try pair.ours.add(.video, direction: offered)
    _ = pair.theirs.addTransceiver(.video, direction: .sendrecv, isForAnyLine: true)
    _ = try pair.offer()
    let offer = pair.ours.pendingLocalDescription ?? ""
    try pair.theirs.setRemoteDescription(.offer, offer, at: .zero)
    for transceiver in pair.theirs.transceivers where transceiver.line != nil {
      pair.theirs.setDirection(.sendrecv, of: transceiver.id)
    }
    let text = try pair.theirs.createAnswer()
    #expect(try SessionDescription(parsing: text).media[0].direction == answered)
    try pair.theirs.setLocalDescription(.answer, text, at: .zero)
    try pair.ours.setRemoteDescription(.answer, text, at: .zero)
    #expect(pair.ours.transceivers.first { $0.id == ours }?.currentDirection == answered.reversed)
  }

  @Test func `answers names of its own that the offer has not`() throws {
    let text = edit(offer(group: nil, [video(0), video(1)])) { $0 == "a=mid:1" ? nil : $0 }
    let swapped = replacing("a=mid:0", "a=mid:1", in: text)
    for text in [text, swapped] {
      var session = try makeSession()
      try session.setRemoteDescription(.offer, text, at: .zero)
      let mids = session.transceivers.compactMap(\.mid)
      #expect(mids.count == 2 && Set(mids).count == 2)
    }
  }

  @Test func `takes an offer that ends every m-line`() throws {
    var pair = try Pair()
    let id = try pair.ours.add(.video, direction: .sendrecv)
    try pair.exchange()
    pair.ours.stopTransceiver(id)
    try pair.exchange()
    #expect(pair.ours.transceivers.isEmpty && pair.theirs.transceivers.isEmpty)
    #expect(!pair.ours.needsNegotiation && !pair.theirs.needsNegotiation)
  }
}
