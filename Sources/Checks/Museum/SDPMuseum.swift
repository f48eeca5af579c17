// SPDX-License-Identifier: Apache-2.0
private import ICE
private import PeerSession
private import SDP
private import Wire

extension Check {
  /// Descriptions and fragments, and the negotiation behind them.
  static let museumSDP: [Check] = [
    Check("a payload type is beyond 127", after: "algesten/str0m #983") {
      for type in ["128", "200", "255", "256", "65536"] {
        for line in ["a=rtpmap:\(type) H264/90000", "a=fmtp:\(type) x=1", "a=rtcp-fb:\(type) nack"]
        {
          try refuses(head + media + line + "\r\n", at: 6)
        }
        try refuses(head + "m=video 9 UDP/TLS/RTP/SAVPF \(type)\r\n", at: 5)
      }
    },
    Check("a format is a number of more than 32 bits", after: "pjsip/pjproject #2093") {
      for format in ["4294967296", "18446744073709551616", "-1", "99999999999999999999999999"] {
        try refuses(head + "m=audio 17000 RTP/AVP \(format)\r\n", at: 5)
      }
    },
    Check("NUL stands in an attribute's name", after: "pjsip/pjproject #2092") {
      try refuses(head + media + "a=fmtp\0:96 0-16\r\n", at: 6)
      try refuses(head + "a=\0\r\n" + media, at: 5)
    },
    Check(
      "attributes that need a value have none",
      after: "CVE-2020-13898, CVE-2020-13900, meetecho/janus-gateway #2214"
    ) {
      for name in [
        "rtpmap", "fmtp", "rtcp-fb", "mid", "candidate", "extmap", "fingerprint", "setup",
        "ice-ufrag", "ice-pwd", "msid", "ssrc", "ssrc-group", "sctp-port", "max-message-size",
      ] {
        for value in ["", ":", ": ", ":  \t"] {
          try refuses(head + media + "a=\(name)\(value)\r\n", at: 6)
        }
      }
      try refuses(head + "a=group\r\n" + media, at: 5)
      try expectEqual(try read(head + "a=group:BUNDLE\r\n" + media).bundleGroups, [[]], "group")
    },
    Check(
      "a description is one word, or an m-line with nothing on it",
      after: "paullouisageneau/libdatachannel #148, bluenviron/mediamtx #41"
    ) {
      try refuses("test", at: 1)
      try refuses("m=", at: 1)
      for line in ["m=", "m= ", "m=video", "m=video 9", "m=video 9 UDP/TLS/RTP/SAVPF", "m=   9 "] {
        try refuses(head + line + "\r\n", at: 5)
      }
    },
    Check("the kind of a media section is hundreds of letters", after: "irontec/sngrep #328") {
      let kind = String(repeating: "A", count: 1_000)
      let found = try read(head + "m=\(kind) 9 UDP/TLS/RTP/SAVPF 96\r\n")
      try expectEqual(found.media.count, 1, "sections")
      try expectEqual(try read(found.description), found, "read again")
      let long = String(repeating: "A", count: 5_000)
      try refuses(head + "m=\(long) 9 UDP/TLS/RTP/SAVPF 96\r\n", at: 5)
    },
    Check("a title looks like an origin and a connection", after: "OpenSIPS/opensips #51") {
      let text =
        "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=x\r\ni=(o=IN IP4 192.0.2.1)\r\nb=AS:84\r\nt=0 0\r\n"
        + "m=audio 9 RTP/AVP 0\r\ni=m=video c=IN IP4 0.0.0.0\r\nc=IN IP4 192.0.2.9\r\n"
      let found = try read(text)
      try expectEqual(found.origin.address, "1.2.3.4", "origin")
      try expectEqual(found.media.count, 1, "sections")
      try expectEqual(found.bandwidths.map(\.value), [84], "bandwidths")
    },
    Check(
      "a description is cut after any of its bytes",
      after: "CVE-2022-31001, CVE-2022-31002, CVE-2022-31003"
    ) {
      let whole = Array(try OfferStand().offer.utf8)
      var refused = 0
      for count in 0..<whole.count {
        let text = String(decoding: whole[..<count], as: UTF8.self)
        guard let found = try? SessionDescription(parsing: text) else {
          refused += 1
          continue
        }
        try expect(
          (try? SessionDescription(parsing: found.description)) == found,
          "what was read of \(count) bytes is not read again"
        )
      }
      try expect(refused > 50 && refused < whole.count, "\(refused) of \(whole.count) refused")
    },
    Check(
      "an offer has no media, no credentials, or no fingerprint",
      after: "pion/webrtc #1814, project-chip/connectedhomeip #42875"
    ) {
      var stand = try OfferStand()
      // An offer of nothing is legal and answered by as little (RFC 9429 section 5.3.1).
      for text in [head, stand.offer(without: "m=video")] {
        var other = try OfferStand()
        try expectEqual(try read(other.answer(text)).media.count, 0, "answered m-lines")
      }
      for name in ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint"] {
        try stand.expectRefused(stand.offer(without: name))
      }
      try stand.expectRefused(stand.offer(replacing: "m=video 9", by: "m=video 0"))
      try stand.expectRefused(stand.offer(replacing: "a=setup:actpass", by: "a=setup:holdconn"))
      try stand.expectAlive()
    },
    Check(
      "an offer has a data channel first, and we have none",
      after: "meetecho/janus-gateway #1700"
    ) {
      var stand = try OfferStand()
      let data =
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:d\r\n"
        + "a=sctp-port:5000\r\n"
      let answer = try stand.answer(stand.offer(replacing: "m=video", by: data + "m=video"))
      let found = try read(answer)
      try expectEqual(found.media.map(\.isRejected), [true, false], "rejected")
      try expectEqual(found.media.first?.formats, ["webrtc-datachannel"], "format")
    },
    Check(
      "an offer's formats, extensions and sources have lists of every length and number",
      after: "CVE-2020-10573, signalwire/freeswitch #411"
    ) {
      var stand = try OfferStand()
      var lines = (1...400).map { "a=extmap:\($0) urn:x:\($0)\r\n" }
      lines += (1...200).map { "a=ssrc:\($0) cname:x\r\n" }
      lines.append("a=fmtp:102 " + String(repeating: "x=1;", count: 900) + "\r\n")
      lines.append("a=ssrc-group:FID" + String(repeating: " 1", count: 1_900) + "\r\n")
      let answer = try stand.answer(stand.offer + lines.joined())
      try expect(answer.utf8.count < 4_000, "the answer has \(answer.utf8.count) bytes")
      try stand.expectAlive()
    },
    Check(
      "a fragment has candidates without a section, sections without a name, or no lines",
      after: "bluenviron/gortsplib #170"
    ) {
      let found = try SDPFragment(parsing: "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n")
      try expectEqual(found.media, [], "sections")
      let nameless = try SDPFragment(parsing: "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=candidate:1\r\n")
      try expectEqual(nameless.media.map(\.mid), [nil], "names")
      try expectEqual(try SDPFragment(parsing: "\r\n\r\n"), SDPFragment(), "no lines")
      for text in [
        "m=", "a=", "=", "v=0\r\n", "a=candidate:1\r\n\0", "m=video 9 x 96\r\na=candidate:",
      ] {
        try expect((try? SDPFragment(parsing: text)) == nil || text == "", "'\(text)' was read")
      }
    },
  ]

  private static let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
  private static let media = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"

  private static func read(_ text: String) throws -> SessionDescription {
    try SessionDescription(parsing: text)
  }

  private static func refuses(_ text: String, at line: Int) throws {
    do throws(SDPError) {
      _ = try SessionDescription(parsing: text)
    } catch {
      return try expectEqual(error.line, line, "the line of '\(error)'")
    }
    throw CheckFailure(description: "was read: \(text.debugDescription)")
  }
}

/// A camera that waits for an offer, and a viewer whose offer can be bent.
private struct OfferStand: ~Copyable {
  private var session: PeerSession
  let offer: String

  init() throws {
    session = PeerSession(
      PeerSession.Configuration(identity: CameraSimulation.cameraIdentity),
      random: .seeded(3_264),
      wallClock: WallClock(unixNanoseconds: 0),
      at: .zero
    )
    let viewer = ViewerPeer(
      ViewerPeer.Configuration(identity: CameraSimulation.viewerIdentity),
      at: CameraSimulation.viewerAddress,
      random: .seeded(8_866),
      now: .zero
    )
    offer = viewer.offer
  }

  /// The viewer's offer without the lines that begin so.
  func offer(without start: String) -> String {
    let lines = offer.utf8.split(separator: 10, omittingEmptySubsequences: false)
    let kept = lines.filter { !$0.starts(with: start.utf8) }
    return String(decoding: Array(kept.joined(separator: [10])), as: UTF8.self)
  }

  /// The viewer's offer with something else where `part` stands first.
  func offer(replacing part: String, by other: String) -> String {
    var bytes = Array(offer.utf8)
    let part = Array(part.utf8)
    for index in bytes.indices where bytes[index...].starts(with: part) {
      bytes.replaceSubrange(index..<(index + part.count), with: other.utf8)
      break
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The answer to `text`.
  mutating func answer(_ text: String) throws -> String {
    guard let profile = CameraSimulation.profile else {
      throw CheckFailure(description: "no profile")
    }
    if session.transceivers.isEmpty {
      let track = OutgoingTrack(trackID: "track", streamIDs: ["stream"], profile: profile)
      _ = session.addTransceiver(.video, direction: .sendonly, outgoing: track, isForAnyLine: true)
    }
    try session.setRemoteDescription(.offer, text, at: .zero)
    return try session.createAnswer()
  }

  /// Throws unless `text` is refused in words, and leaves no description behind.
  mutating func expectRefused(_ text: String) throws {
    do {
      _ = try answer(text)
    } catch let error as NegotiationError {
      try expect(!error.description.isEmpty, "no words")
      return try expectEqual(session.localDescription, nil, "local description")
    }
    throw CheckFailure(description: "was answered: \(text)")
  }

  /// Throws unless a good offer is answered with a picture.
  mutating func expectAlive() throws {
    let found = try SessionDescription(parsing: try answer(offer))
    try expectEqual(found.media.map(\.isRejected), [false], "rejected")
  }
}
