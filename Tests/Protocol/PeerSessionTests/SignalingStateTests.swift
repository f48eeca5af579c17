// SPDX-License-Identifier: Apache-2.0
import Checks
import PeerSession
import SDP
import Testing
import Wire

@Suite struct SignalingStateTests {
  static let states: [SignalingState] = [
    .stable, .haveLocalOffer, .haveRemoteOffer, .haveLocalProvisionalAnswer,
    .haveRemoteProvisionalAnswer,
  ]

  /// What can be called, and the states it may be called in, each with the state it leads to.
  enum Call: String, CaseIterable {
    case createOffer
    case createAnswer
    case localOffer
    case localProvisionalAnswer
    case localAnswer
    case remoteOffer
    case remoteProvisionalAnswer
    case remoteAnswer
    case rollBack

    /// W3C webrtc-pc sections 4.4.1.5, 4.4.2 and RFC 9429 section 4.1.
    var outcomes: [SignalingState: SignalingState] {
      switch self {
      case .createOffer: [.stable: .stable, .haveLocalOffer: .haveLocalOffer]
      case .createAnswer:
        [
          .haveRemoteOffer: .haveRemoteOffer,
          .haveLocalProvisionalAnswer: .haveLocalProvisionalAnswer,
        ]
      case .localOffer: [.stable: .haveLocalOffer, .haveLocalOffer: .haveLocalOffer]
      case .localProvisionalAnswer:
        [
          .haveRemoteOffer: .haveLocalProvisionalAnswer,
          .haveLocalProvisionalAnswer: .haveLocalProvisionalAnswer,
        ]
      case .localAnswer: [.haveRemoteOffer: .stable, .haveLocalProvisionalAnswer: .stable]
      case .remoteOffer:
        [
          .stable: .haveRemoteOffer, .haveLocalOffer: .haveRemoteOffer,
          .haveRemoteOffer: .haveRemoteOffer,
        ]
      case .remoteProvisionalAnswer:
        [
          .haveLocalOffer: .haveRemoteProvisionalAnswer,
          .haveRemoteProvisionalAnswer: .haveRemoteProvisionalAnswer,
        ]
      case .remoteAnswer: [.haveLocalOffer: .stable, .haveRemoteProvisionalAnswer: .stable]
      case .rollBack: [.haveLocalOffer: .stable, .haveRemoteOffer: .stable]
      }
    }
  }

  /// A pair whose first session has come to `state`.
  private func pair(in state: SignalingState) throws -> Pair {
    var pair = try Pair()
    _ = pair.ours.addTransceiver(.video, direction: .sendrecv, isForAnyLine: true)
    _ = pair.theirs.addTransceiver(.video, direction: .sendrecv, isForAnyLine: true)
    switch state {
    case .stable: break
    case .haveLocalOffer: _ = try pair.offer()
    case .haveRemoteOffer, .haveLocalProvisionalAnswer:
      try pair.ours.setRemoteDescription(.offer, try pair.theirs.createOffer(), at: .zero)
      guard state == .haveLocalProvisionalAnswer else { break }
      let text = try pair.ours.createAnswer()
      try pair.ours.setLocalDescription(.provisionalAnswer, text, at: .zero)
    case .haveRemoteProvisionalAnswer:
      _ = try pair.offer()
      let text = try pair.answer().description
      try pair.ours.setRemoteDescription(.provisionalAnswer, text, at: .zero)
    }
    #expect(pair.ours.signalingState == state)
    return pair
  }

  private func call(_ call: Call, _ pair: inout Pair) throws {
    switch call {
    case .createOffer: _ = try pair.ours.createOffer()
    case .createAnswer: _ = try pair.ours.createAnswer()
    case .localOffer:
      let text = (try? pair.ours.createOffer()) ?? ""
      try pair.ours.setLocalDescription(.offer, text, at: .zero)
    case .localProvisionalAnswer, .localAnswer:
      let text = (try? pair.ours.createAnswer()) ?? ""
      let kind = call == .localAnswer ? DescriptionKind.answer : .provisionalAnswer
      try pair.ours.setLocalDescription(kind, text, at: .zero)
    case .remoteOffer:
      var other = try Pair()
      _ = other.ours.addTransceiver(.video, direction: .sendrecv)
      try pair.ours.setRemoteDescription(.offer, try other.ours.createOffer(), at: .zero)
    case .remoteProvisionalAnswer, .remoteAnswer:
      var text = BrowserOffers.chromiumViewer
      if pair.ours.pendingLocalDescription != nil {
        let known = pair.theirs.localDescription
        text = try known ?? pair.answer().description
      }
      let kind = call == .remoteAnswer ? DescriptionKind.answer : .provisionalAnswer
      try pair.ours.setRemoteDescription(kind, text, at: .zero)
    case .rollBack: try pair.ours.rollBack()
    }
  }

  @Test(arguments: states, Call.allCases)
  func `each call in each state leads where the W3C says, or is refused and changes nothing`(
    state: SignalingState,
    name: Call
  ) throws {
    var pair = try pair(in: state)
    let before = pair.ours.transceivers
    let local = pair.ours.localDescription
    do {
      try call(name, &pair)
      #expect(pair.ours.signalingState == name.outcomes[state])
    } catch let error as NegotiationError {
      #expect(name.outcomes[state] == nil, "\(error)")
      guard case .invalidState(let sentence) = error else {
        Issue.record("\(error) is of another kind")
        return
      }
      #expect(sentence.utf8.last == UInt8(ascii: "."))
      #expect(pair.ours.signalingState == state)
      #expect(pair.ours.transceivers == before)
      #expect(pair.ours.localDescription == local)
    }
  }

  @Test func `refuses a description that was not created here`() throws {
    var pair = try pair(in: .stable)
    let text = try pair.ours.createOffer()
    #expect(throws: NegotiationError.modified) {
      try pair.ours.setLocalDescription(.offer, text + "a=more\r\n", at: .zero)
    }
    #expect(pair.ours.signalingState == .stable)
    try pair.ours.setLocalDescription(.offer, text, at: .zero)
    #expect(throws: NegotiationError.modified) {
      try pair.ours.setLocalDescription(.offer, text, at: .zero)
    }
  }

  // MARK: negotiationneeded (W3C webrtc-pc section 4.7.3)

  @Test func `needs an exchange for a new transceiver, and for nothing else at first`() throws {
    var pair = try Pair()
    #expect(pair.ours.needsNegotiation == false)
    let id = try pair.ours.add(.video, direction: .inactive)
    #expect(pair.ours.needsNegotiation == true)
    pair.ours.stopTransceiver(id)
    #expect(pair.ours.needsNegotiation == false)
    pair.ours.restartICE()
    #expect(pair.ours.needsNegotiation == false)
  }

  @Test func `is content after an exchange in either role, and speaks up when something changes`()
    throws
  {
    var pair = try Pair()
    let ours = try pair.ours.add(.video, direction: .sendrecv, outgoing: try track())
    try pair.exchange()
    let theirs = try pair.theirs.firstTransceiver().id
    #expect(!pair.ours.needsNegotiation && !pair.theirs.needsNegotiation)
    // The offerer: only a direction that neither description has.
    pair.ours.setDirection(.sendonly, of: ours)
    #expect(pair.ours.needsNegotiation == false, "the answer came to just that")
    pair.ours.setDirection(.recvonly, of: ours)
    #expect(pair.ours.needsNegotiation == true)
    pair.ours.setDirection(.sendrecv, of: ours)
    #expect(pair.ours.needsNegotiation == false)
    // The answerer: what is left of the wish and the offer.
    pair.theirs.setDirection(.sendrecv, of: theirs)
    #expect(pair.theirs.needsNegotiation == true)
    pair.theirs.setDirection(.inactive, of: theirs)
    #expect(pair.theirs.needsNegotiation == true)
    pair.theirs.setDirection(.recvonly, of: theirs)
    #expect(pair.theirs.needsNegotiation == false)
    // Streams, restarts and ends.
    pair.ours.setStreams(["another"], of: ours)
    #expect(pair.ours.needsNegotiation == true)
    pair.ours.setStreams(["stream"], of: ours)
    pair.ours.setOutgoing(nil, of: ours)
    #expect(pair.ours.needsNegotiation == false, "a track that goes is no reason")
    pair.ours.restartICE()
    #expect(pair.ours.needsNegotiation == true)
    try pair.exchange()
    #expect(pair.ours.needsNegotiation == false)
    pair.theirs.stopTransceiver(theirs)
    #expect(pair.theirs.needsNegotiation == true)
  }

  @Test func `needs nothing while an exchange is under way`() throws {
    var pair = try Pair()
    _ = pair.ours.addTransceiver(.video, direction: .sendrecv)
    _ = try pair.offer()
    _ = pair.ours.addTransceiver(.audio, direction: .sendrecv)
    #expect(pair.ours.needsNegotiation == false)
    try pair.take(try pair.answer())
    #expect(pair.ours.needsNegotiation == true)
  }

  @Test func `keeps a transceiver of a rolled back offer only where it has got a track`() throws {
    var pair = try Pair()
    _ = pair.theirs.addTransceiver(.video, direction: .sendrecv)
    _ = pair.theirs.addTransceiver(.audio, direction: .sendrecv)
    try pair.ours.setRemoteDescription(.offer, try pair.theirs.createOffer(), at: .zero)
    let kept = try pair.ours.firstTransceiver().id
    pair.ours.setOutgoing(try track(), of: kept)
    try pair.ours.rollBack()
    #expect(pair.ours.transceivers.map(\.id) == [kept])
    #expect(pair.ours.transceivers[0].mid == nil)
    #expect(pair.ours.needsNegotiation == true)
    // Offered again, it goes to the same m-line.
    try pair.ours.setRemoteDescription(.offer, try pair.theirs.createOffer(), at: .zero)
    #expect(pair.ours.transceivers.map(\.id).contains(kept) == true)
    #expect(pair.ours.transceivers.count == 2)
  }
}
