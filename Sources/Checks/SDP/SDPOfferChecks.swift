// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import SDP

extension Check {
  /// What real offers say.
  static let sdpOffers: [Check] = [
    Check("reads Chromium's viewer") {
      let session = try SessionDescription(parsing: BrowserOffers.chromiumViewer)
      try expectEqual(session.bundleGroups, [["0"]])
      try expectEqual(session.origin.version, 2)
      try expectEqual(session.allowsMixedExtensions, true)
      try expectEqual(session.media.count, 1)
      let video = session.media[0]
      try expectEqual(video.kind, .video)
      try expectEqual(video.port, 9)
      try expectEqual(video.mid, "0")
      try expectEqual(video.direction, .recvonly)
      try expectEqual(video.usernameFragment, "uf+g")
      try expectEqual(video.password, "passwordpasswordpassword")
      try expectEqual(video.iceOptions, ["trickle"])
      try expectEqual(video.setup, .actpass)
      try expectEqual(video.fingerprints.count, 1)
      try expectEqual(video.hasRTCPMux, true)
      try expectEqual(video.hasReducedSizeRTCP, true)
      try expectEqual(video.formats.count, 34)
      try expectEqual(video.codecs.map { "\($0.payloadType)" }, video.formats)
      try expectEqual(video.extensionID("urn:ietf:params:rtp-hdrext:sdes:mid"), 9)
      try expectEqual(video.isRejected, false)
      try expectEqual(video.other, ["rtcp:9 IN IP4 0.0.0.0", "rtcp-xr:rcvr-rtt=all"])
      guard let codec = video.codec(108) else { throw CheckFailure(description: "no 108") }
      try expectEqual(codec.isNamed("h264"), true)
      try expectEqual(codec.clockRate, 90_000)
      try expectEqual(codec.packetizationMode, 1)
      try expectEqual(codec.isLevelAsymmetryAllowed, true)
      try expectEqual(codec.h264Profile, H264Profile(.constrainedBaseline, .level3_1))
      try expectEqual(
        codec.feedback,
        ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"]
      )
      try expectEqual(video.retransmission(of: 108)?.payloadType, 109)
    },
    Check("reads Chromium's call with sound, picture and data") {
      let session = try SessionDescription(parsing: BrowserOffers.chromiumCall)
      try expectEqual(session.bundleGroups, [["0", "1", "2"]])
      try expectEqual(session.media.map(\.kind), [.audio, .video, .application])
      let audio = session.media[0]
      try expectEqual(audio.codec(111)?.channels, 2)
      try expectEqual(audio.codec(111)?.parameters["useinbandfec"], "1")
      try expectEqual(audio.codec(63)?.parameters.list, [.init("111/111", nil)])
      let video = session.media[1]
      try expectEqual(video.direction, .sendrecv)
      try expectEqual(video.streams.count, 1)
      try expectEqual(video.streams[0].track != nil, true)
      try expectEqual(video.sources, [1_000_000_002, 1_000_000_003])
      try expectEqual(video.canonicalName(of: 1_000_000_002), "canonicalname000")
      try expectEqual(
        video.sourceGroups,
        [.init(semantics: "FID", sources: [1_000_000_002, 1_000_000_003])]
      )
      let data = session.media[2]
      try expectEqual(data.isRTP, false)
      try expectEqual(data.formats, ["webrtc-datachannel"])
      try expectEqual(data.sctpPort, 5_000)
      try expectEqual(data.maxMessageSize, 262_144)
    },
    Check("reads Firefox, whose fingerprint stands at session level") {
      let session = try SessionDescription(parsing: BrowserOffers.firefoxViewer)
      try expectEqual(session.origin.username, "mozilla...THIS_IS_SDPARTA-99.0")
      try expectEqual(session.media[0].fingerprints, [])
      try expectEqual(session.media[0].iceOptions, [])
      let video = session.effectiveMedia[0]
      try expectEqual(video.fingerprints.count, 1)
      try expectEqual(video.iceOptions, ["trickle"])
      try expectEqual(video.usernameFragment, "a1b2c3d4")
      try expectEqual(video.extensions.first { $0.id == 6 }?.direction, .recvonly)
      let h264 = video.codecs.filter { $0.isNamed("H264") }
      try expectEqual(h264.map(\.payloadType), [126, 97, 105, 103])
      try expectEqual(h264.map(\.packetizationMode), [1, 0, 1, 0])
      try expectEqual(
        h264.map { $0.h264Profile?.name == .constrainedBaseline },
        [
          true, true, false, false,
        ]
      )
      try expectEqual(video.codec(120)?.parameters["max-fs"], "12288")
    },
    Check("reads Firefox's candidates and its session-level direction") {
      let session = try SessionDescription(parsing: BrowserOffers.firefoxGathered)
      try expectEqual(session.direction, .sendrecv)
      let video = session.effectiveMedia[0]
      try expectEqual(video.direction, .recvonly)
      try expectEqual(video.isEndOfCandidates, true)
      try expectEqual(video.candidates.count, 8)
      try expectEqual(
        video.candidates[2],
        "2 1 TCP 2105458943 00000000-0000-4000-8000-000000000001.local 9 typ host tcptype active"
      )
    },
    Check("reads Safari, whose first H.264 is constrained high") {
      let session = try SessionDescription(parsing: BrowserOffers.safariViewer)
      let h264 = session.media[0].codecs.filter { $0.isNamed("H264") }
      try expectEqual(
        h264.map { $0.h264Profile?.name },
        [
          .constrainedHigh, .constrainedBaseline, .constrainedHigh, .constrainedBaseline,
        ]
      )
    },
    Check("finds no H.264 where there is none") {
      for text in [BrowserOffers.withoutH264, BrowserOffers.firefoxWithoutH264] {
        let session = try SessionDescription(parsing: text)
        try expectEqual(session.media[0].codecs.contains { $0.isNamed("H264") }, false)
      }
    },
    Check("accepts lines that end in LF alone, and blank lines at the end") {
      let bytes = BrowserOffers.chromiumCall.utf8.filter { $0 != 0x0D }
      let bare = try SessionDescription(parsing: String(decoding: bytes, as: UTF8.self) + "\n\r\n")
      try expectEqual(bare, try SessionDescription(parsing: BrowserOffers.chromiumCall))
    },
    Check("gives session-level attributes to sections without their own, and to no others") {
      let session = try SessionDescription(
        parsing: """
          v=0
          o=- 1 1 IN IP4 0.0.0.0
          s=-
          c=IN IP4 192.0.2.1
          b=AS:500
          t=0 0
          a=ice-ufrag:sess
          a=ice-pwd:sessionsessionsession12
          a=fingerprint:sha-256 AA:BB
          a=fingerprint:sha-1 CC
          a=setup:passive
          a=extmap:1 urn:a
          a=inactive
          m=audio 9 UDP/TLS/RTP/SAVPF 0
          m=video 9 UDP/TLS/RTP/SAVPF 96
          c=IN IP6 ::
          b=TIAS:250000
          a=rtpmap:96 H264/90000
          a=ice-ufrag:medi
          a=ice-pwd:mediamediamediamediamedi
          a=fingerprint:sha-256 DD
          a=setup:active
          a=extmap:2 urn:b
          a=sendonly
          """
      )
      let audio = session.effectiveMedia[0]
      try expectEqual(audio.usernameFragment, "sess")
      try expectEqual(audio.fingerprints, ["sha-256 AA:BB", "sha-1 CC"])
      try expectEqual(audio.setup, .passive)
      try expectEqual(audio.extensionID("urn:a"), 1)
      try expectEqual(audio.direction, .inactive)
      try expectEqual(audio.bitrateLimit, 500_000)
      try expectEqual(audio.codec(0)?.name, "PCMU")
      let video = session.effectiveMedia[1]
      try expectEqual(video.usernameFragment, "medi")
      try expectEqual(video.password, "mediamediamediamediamedi")
      try expectEqual(video.fingerprints, ["sha-256 DD"])
      try expectEqual(video.setup, .active)
      try expectEqual(video.extensions, [ExtensionMap(id: 2, uri: "urn:b")])
      try expectEqual(video.direction, .sendonly)
      try expectEqual(video.bitrateLimit, 250_000)
      try expectEqual(video.connection?.addressType, "IP6")
    },
    Check("gives feedback for all formats to each codec, once") {
      let session = try SessionDescription(
        parsing: """
          v=0
          o=- 1 1 IN IP4 0.0.0.0
          s=-
          t=0 0
          m=video 9 UDP/TLS/RTP/SAVPF 96 97
          a=rtcp-fb:* nack
          a=rtcp-fb:* nack pli
          a=rtpmap:96 H264/90000
          a=rtcp-fb:96 nack
          a=rtpmap:97 VP8/90000
          """
      )
      try expectEqual(session.media[0].codec(96)?.feedback, ["nack", "nack pli"])
      try expectEqual(session.media[0].codec(97)?.feedback, ["nack", "nack pli"])
    },
    Check("tells a rejected section from a bundle-only one") {
      let session = try SessionDescription(
        parsing: """
          v=0
          o=- 1 1 IN IP4 0.0.0.0
          s=-
          t=0 0
          m=video 0 UDP/TLS/RTP/SAVPF 96
          m=audio 0 UDP/TLS/RTP/SAVPF 0
          a=bundle-only
          """
      )
      try expectEqual(session.media.map(\.isRejected), [true, false])
    },
  ]
}
