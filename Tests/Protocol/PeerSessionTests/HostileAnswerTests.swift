// SPDX-License-Identifier: Apache-2.0
import Checks
import ICE
import PeerSession
import SDP
import Testing
import Wire

@Suite struct HostileAnswerTests {
  /// One way to answer wrongly, and a word of what is said about it.
  struct Wrong: Sendable, CustomStringConvertible {
    var description: String
    var word: String
    var change: @Sendable (inout SessionDescription) -> Void
  }

  static let wrongs: [Wrong] = [
    Wrong(description: "an m-line too few", word: "m-lines") { $0.media.removeLast() },
    Wrong(description: "an m-line too many", word: "m-lines") { answer in
      var more = answer.media[0]
      more.mid = "7"
      answer.media.append(more)
    },
    Wrong(description: "other kinds", word: "m-lines") { $0.media.swapAt(0, 1) },
    Wrong(description: "other names", word: "names") { $0.media[0].mid = "x" },
    Wrong(description: "names swapped", word: "names") { answer in
      answer.media[0].mid = "1"
      answer.media[1].mid = "0"
    },
    Wrong(description: "no bundle", word: "bundle") { $0.bundleGroups = [] },
    Wrong(description: "two bundles", word: "bundle") { $0.bundleGroups = [["0"], ["1"]] },
    Wrong(description: "no certificate", word: "fingerprint") { answer in
      for index in answer.media.indices { answer.media[index].fingerprints = [] }
    },
    Wrong(description: "no ICE", word: "ICE") { answer in
      for index in answer.media.indices { answer.media[index].password = nil }
    },
    Wrong(description: "open roles", word: "setup") { answer in
      for index in answer.media.indices { answer.media[index].setup = .actpass }
    },
    Wrong(description: "no connection", word: "holdconn") { answer in
      for index in answer.media.indices { answer.media[index].setup = .holdconn }
    },
    Wrong(description: "RTCP on a port of its own", word: "rtcp-mux") {
      $0.media[1].hasRTCPMux = false
    },
    Wrong(description: "another protocol", word: "protocol") {
      $0.media[0].proto = "UDP/DTLS/SCTP"
    },
    Wrong(description: "a codec that was not offered", word: "codecs") { answer in
      answer.media[0].formats = ["120"]
      answer.media[0].codecs = [answer.media[0].codecs[0]]
      answer.media[0].codecs[0].payloadType = 120
    },
    Wrong(description: "another codec under our number", word: "codecs") { answer in
      for index in answer.media[0].codecs.indices { answer.media[0].codecs[index].name = "VP8" }
    },
    Wrong(description: "another profile under our number", word: "codecs") { answer in
      answer.media[0].codecs[0].parameters["profile-level-id"] = "640c1f"
    },
    Wrong(description: "payload types swapped", word: "codecs") { answer in
      let (first, second) = (
        answer.media[0].codecs[0].payloadType, answer.media[0].codecs[1].payloadType
      )
      answer.media[0].codecs[0].payloadType = second
      answer.media[0].codecs[1].payloadType = first
      answer.media[0].codecs[1].parameters["apt"] = "\(second)"
    },
  ]

  private func pair() throws -> Pair {
    var pair = try Pair()
    _ = pair.ours.addTransceiver(.video, direction: .sendrecv, outgoing: try track())
    _ = pair.ours.addTransceiver(.audio, direction: .sendrecv)
    return pair
  }

  private func expectRefusal(
    _ pair: inout Pair,
    _ answer: SessionDescription,
    _ word: String
  ) throws {
    let transceivers = pair.ours.transceivers
    let local = pair.ours.pendingLocalDescription
    let current = pair.ours.currentRemoteDescription
    let state = pair.ours.signalingState
    do {
      try pair.take(answer)
      Issue.record("the answer was taken")
    } catch let error as NegotiationError {
      #expect(error.description.hasWord(word), "\(error)")
      #expect(error.description.utf8.last == UInt8(ascii: "."))
    }
    #expect(pair.ours.signalingState == state)
    #expect(pair.ours.transceivers == transceivers)
    #expect(pair.ours.pendingLocalDescription == local)
    #expect(pair.ours.pendingRemoteDescription == nil)
    #expect(pair.ours.currentRemoteDescription == current)
    #expect(pair.ours.iceState == .new)
  }

  @Test(arguments: wrongs)
  func `refuses a wrong answer with a sentence, and takes the right one after it`(
    wrong: Wrong
  ) throws {
    var pair = try pair()
    _ = try pair.offer()
    let right = try pair.answer()
    var answer = right
    wrong.change(&answer)
    try expectRefusal(&pair, answer, wrong.word)
    try pair.take(right)
    #expect(pair.ours.signalingState == .stable)
    #expect(pair.ours.transceivers.allSatisfy({ $0.currentDirection?.sends == true }) == true)
  }

  @Test func `refuses two m-lines of one name and a text that is none`() throws {
    var pair = try pair()
    _ = try pair.offer()
    let right = try pair.answer()
    let text = right.description
    for wrong in [replacing("a=mid:1", "a=mid:0", in: text), "v=0", "", "\0"] {
      #expect(throws: NegotiationError.self) {
        try pair.ours.setRemoteDescription(.answer, wrong, at: .zero)
      }
      #expect(pair.ours.signalingState == .haveLocalOffer)
    }
    try pair.take(right)
  }

  @Test func `refuses an answer that takes what was offered as ended`() throws {
    var pair = try pair()
    try pair.exchange()
    let id = try pair.ours.lastTransceiver().id
    pair.ours.stopTransceiver(id)
    _ = try pair.offer()
    var answer = try pair.answer()
    answer.media[1] = answer.media[0]
    answer.media[1].kind = .audio
    answer.media[1].mid = "1"
    answer.bundleGroups = [["0", "1"]]
    #expect(throws: NegotiationError.self) { try pair.take(answer) }
    #expect(pair.ours.signalingState == .haveLocalOffer)
  }

  @Test func `refuses another certificate and other roles in a later answer`() throws {
    var pair = try pair()
    try pair.exchange()
    _ = try pair.offer()
    let right = try pair.answer()
    var other = right
    for index in other.media.indices {
      other.media[index].fingerprints = [
        "sha-256 " + [String](repeating: "04", count: 32).joined(separator: ":")
      ]
    }
    #expect(throws: NegotiationError.self) { try pair.take(other) }
    var roles = right
    for index in roles.media.indices { roles.media[index].setup = .passive }
    #expect(throws: NegotiationError.self) { try pair.take(roles) }
    #expect(pair.ours.signalingState == .haveLocalOffer)
    try pair.take(right)
  }

  @Test func `takes no more of an answer than was offered`() throws {
    var pair = try Pair()
    let id = try pair.ours.add(.video, direction: .sendonly, outgoing: try track())
    _ = try pair.offer()
    var answer = try pair.answer()
    answer.media[0].statedDirection = nil
    answer.media[0].extensions.append(ExtensionMap(id: 9, uri: "urn:nobody:offered"))
    try pair.take(answer)
    let transceiver = try pair.ours.firstTransceiver()
    #expect(transceiver.currentDirection == .sendonly)
    #expect(!transceiver.isRemoteSending)
    #expect(pair.ours.mid(sending: id) == "0")
    #expect(pair.ours.receiverStatistics.isEmpty == true)
  }

  @Test func `keeps the role that it has whoever offers`() throws {
    var pair = try pair()
    try pair.exchange()
    // The answerer is the DTLS client, and stays it when the offers come from there.
    let text = try pair.theirs.createOffer()
    #expect(try SessionDescription(parsing: text).media[0].setup == .actpass)
    try pair.ours.setRemoteDescription(.offer, text, at: .zero)
    #expect(
      try SessionDescription(parsing: try pair.ours.createAnswer()).media[0].setup == .passive
    )
  }

  @Test func `refuses offers that move m-lines about`() throws {
    var pair = try pair()
    try pair.exchange()
    let right = try SessionDescription(parsing: try pair.theirs.createOffer())
    var changes = [right, right, right]
    changes[0].media.swapAt(0, 1)
    changes[1].media.removeLast()
    changes[2].media[0] = right.media[1]
    changes[2].media[1] = right.media[0]
    changes[2].media[0].kind = .video
    changes[2].media[1].kind = .audio
    for wrong in changes {
      #expect(throws: NegotiationError.self) {
        try pair.ours.setRemoteDescription(.offer, wrong.description, at: .zero)
      }
      #expect(pair.ours.signalingState == .stable)
    }
    try pair.ours.setRemoteDescription(.offer, right.description, at: .zero)
  }
}
