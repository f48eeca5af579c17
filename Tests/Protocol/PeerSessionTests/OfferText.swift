// SPDX-License-Identifier: Apache-2.0
import Checks
import DTLS
import PeerSession
import SDP
import Testing
import Wire

/// Certificates cost milliseconds: one serves every session of these tests.
let sharedIdentity: DTLSIdentity? = {
  var random = RandomSource.seeded(1)
  return try? DTLSIdentity.make(using: &random)
}()

func makeSession() throws -> PeerSession {
  PeerSession(
    PeerSession.Configuration(identity: try #require(sharedIdentity)),
    random: .seeded(7),
    wallClock: WallClock(unixNanoseconds: 0),
    at: .zero
  )
}

func track(_ number: Int = 1) throws -> OutgoingTrack {
  let profile = try #require(H264Profile("42e028"))
  return OutgoingTrack(trackID: "track\(number)", streamIDs: ["stream"], profile: profile)
}

extension PeerSession {
  /// Adds a transceiver; throws where there is no room for one.
  mutating func add(
    _ kind: MediaKind,
    direction: MediaDirection,
    outgoing: OutgoingTrack? = nil
  ) throws -> Transceiver.ID {
    let id = addTransceiver(kind, direction: direction, outgoing: outgoing)
    return try #require(id)
  }

  /// The transceiver that came first; throws where there is none.
  func firstTransceiver() throws -> Transceiver {
    let list = transceivers
    return try #require(list.first)
  }

  /// The transceiver that came last; throws where there is none.
  func lastTransceiver() throws -> Transceiver {
    let list = transceivers
    return try #require(list.last)
  }
}

struct Answered {
  var text: String
  var description: SessionDescription
  var rejections: [String]
  var media: [MediaDescription] { description.media }
}

func answer(_ offer: String, tracks: Int = 1) throws -> Answered {
  var session = try makeSession()
  let text = try session.answer(offer, sending: try (0..<tracks).map(track), at: .zero)
  return Answered(
    text: text,
    description: try SessionDescription(parsing: text),
    rejections: session.rejections
  )
}

/// What the session says of an offer that it refuses.
func refusal(_ offer: String) throws -> String? {
  var session = try makeSession()
  do {
    try session.setRemoteDescription(.offer, offer, at: .zero)
    return nil
  } catch {
    return error.description
  }
}

/// The lines of `text` without CR LF.
func lines(_ text: String) -> [String] {
  text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).map { line in
    String(decoding: line.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
  }
}

/// `offer` with each line passed through `change`; `nil` leaves it out.
func edit(_ offer: String, _ change: (String) -> String?) -> String {
  lines(offer).compactMap(change).map { $0 + "\r\n" }.joined()
}

func replacing(_ old: String, _ new: String, in offer: String) -> String {
  edit(offer) { $0 == old ? new : $0 }
}

/// An offer of small m-lines, each with its own credentials `ufragN`.
func offer(group: String? = "0", _ sections: [[String]]) -> String {
  var text = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
  if let group {
    text += group.utf8.split(separator: UInt8(ascii: "/")).map { mids in
      "a=group:BUNDLE " + String(decoding: Array(mids), as: UTF8.self)
    }
  }
  text += sections.joined()
  return text.map { $0 + "\r\n" }.joined()
}

func transportLines(_ number: Int, setup: String = "actpass") -> [String] {
  let digest = [String](repeating: "0\(number)", count: 32).joined(separator: ":")
  return [
    "a=ice-ufrag:ufrag\(number)", "a=ice-pwd:passwordpasswordpassword\(number)",
    "a=fingerprint:sha-256 \(digest)", "a=setup:\(setup)",
  ]
}

func video(
  _ number: Int,
  port: Int = 9,
  direction: String = "recvonly",
  transport: Bool = true,
  extra: [String] = []
) -> [String] {
  [
    "m=video \(port) UDP/TLS/RTP/SAVPF 102", "c=IN IP4 0.0.0.0", "a=mid:\(number)",
    "a=\(direction)",
    "a=rtcp-mux", "a=rtpmap:102 H264/90000",
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  ] + (transport ? transportLines(number) : []) + extra
}

func audio(_ number: Int) -> [String] {
  [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:\(number)", "a=recvonly",
    "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
  ] + transportLines(number)
}

extension String {
  /// Whether the text contains `word`, byte by byte.
  func hasWord(_ word: String) -> Bool {
    let text = Array(utf8)
    let part = Array(word.utf8)
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }
}
