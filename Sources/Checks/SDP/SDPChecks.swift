// SPDX-License-Identifier: Apache-2.0
private import SDP
private import Wire

extension Check {
  /// Session descriptions: browsers' offers, round trips, hostile texts, H.264 profiles.
  public static let sdp: [Check] = sdpOffers + sdpRoundTrips + sdpHostile + sdpFragments + h264

  private static let sdpRoundTrips: [Check] = [
    Check("every browser's offer survives reading, printing and reading again") {
      for (name, text) in BrowserOffers.all {
        let first = try SessionDescription(parsing: text)
        let second = try SessionDescription(parsing: first.description)
        try expectEqual(second, first, name)
        try expectEqual(second.description, first.description, name)
      }
    },
    Check("no line of a browser's offer is lost or added by printing") {
      for (name, text) in BrowserOffers.all {
        let session = try SessionDescription(parsing: text)
        // Firefox prints neither rtpmap lines in order nor spaces the same way: compare as a set.
        let lines = { (text: String) in
          Set(
            text.utf8.split { $0 == 0x0A || $0 == 0x0D }.map { line in
              String(decoding: line.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
            }
          )
        }
        try expectEqual(lines(session.description), lines(text), name)
      }
    },
    Check("1,000 random descriptions survive printing and reading") {
      for seed in 0..<1_000 as Range<UInt64> {
        var source = DescriptionSource(seed: seed)
        let session = source.session()
        let found = try SessionDescription(parsing: session.description)
        try expectEqual(found, session, "seed \(seed)")
      }
    },
    Check("what is read from a damaged offer can be printed and read again") {
      FuzzTarget.sdpTarget.mutate(count: 1_500, seed: 0x5D9)
    },
    Check("what is read from a damaged profile-level-id can be printed and read again") {
      FuzzTarget.h264Target.mutate(count: 20_000, seed: 0x264)
    },
    Check("a value with a line break in it cannot add a line") {
      var session = SessionDescription(origin: .init(sessionID: "1", version: 1))
      session.name = "a\r\na=ice-lite\nb"
      session.other = ["x:1\r\nm=audio 9 RTP/AVP 0"]
      let found = try SessionDescription(parsing: session.description)
      try expectEqual(found.isICELite, false)
      try expectEqual(found.media.count, 0)
    },
  ]
}

extension FuzzTarget {
  /// The parsers of session descriptions, fragments and H.264 profiles.
  public static let sdp: [FuzzTarget] = [sdpTarget, fragmentTarget, h264Target]

  /// Reads a description; what can be read is printed and read again.
  static let sdpTarget = FuzzTarget("sdp", seeds: BrowserOffers.all.map { Array($0.text.utf8) }) {
    input in
    guard
      let session = try? SessionDescription(parsing: String(decoding: input, as: UTF8.self))
    else { return }
    let text = session.description
    // Feedback for all formats and fixed payload types are spelt out in print, so that the text may
    // grow over the limits; otherwise the value must come back.
    guard let again = try? SessionDescription(parsing: text) else {
      let lines = text.utf8.count { $0 == 0x0A }
      let isTooLong = text.utf8.count > SDPLimits.bytes || lines > SDPLimits.lines
      precondition(isTooLong, "a description that was read cannot be read again")
      return
    }
    precondition(again == session, "a description changed by printing")
    _ = session.effectiveMedia
    for media in session.media {
      _ = media.bitrateLimit
      for codec in media.codecs { _ = (codec.h264Profile, codec.associatedPayloadType) }
    }
  }

  /// Reads a profile; what can be read is printed and read again.
  static let h264Target = FuzzTarget(
    "h264profile",
    seeds: ["42e01f", "640c1f", "4d0028", "42f00b"].map { Array($0.utf8) }
  ) { input in
    guard let profile = H264Profile(String(decoding: input, as: UTF8.self)) else { return }
    precondition(H264Profile(profile.profileLevelID) == profile, "a profile changed by printing")
  }
}
