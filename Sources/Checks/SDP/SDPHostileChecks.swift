// SPDX-License-Identifier: Apache-2.0
private import SDP

extension Check {
  /// Texts that must be refused, with the line and the reason, and the largest that must not.
  static let sdpHostile: [Check] = [
    Check(
      "reads a browser's offer for a call of many, which has more lines than that of any viewer"
    ) {
      var call = try SessionDescription(parsing: BrowserOffers.chromiumAudioVideo)
      let (picture, sound) = (call.media[0], call.media[1])
      // The camera, and two shared and eight seen of each kind.
      call.media = [picture] + Array(repeating: [picture, sound], count: 10).joined()
      for index in call.media.indices { call.media[index].mid = "\(index)" }
      let text = call.description
      try expect(text.utf8.count { $0 == 0x0A } > 1_800, "the offer is a small one")
      try expectEqual(try SessionDescription(parsing: text), call)
    },
    Check("refuses 1 MB at once") {
      let text = "v=0\r\n" + String(repeating: "a=x\r\n", count: 200_000)
      try refuses(text, at: 0, because: "longer than 131072 bytes")
    },
    Check("refuses 10,000 lines") {
      try refuses(
        head + String(repeating: "a=x\r\n", count: 10_000),
        at: 4_097,
        because: "4096 lines"
      )
    },
    Check("refuses 1,000 m-lines") {
      let text = head + String(repeating: "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", count: 1_000)
      try refuses(text, at: 69, because: "64 m-sections")
    },
    Check("refuses 10,000 candidates") {
      let candidate = "a=candidate:1 1 udp 2 192.0.2.1 9 typ host\r\n"
      let media = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
      try refuses(head + media + String(repeating: candidate, count: 10_000), at: 0, because: "")
      let short = String(repeating: "a=candidate:1\r\n", count: 8_000)
      try refuses(head + media + short, at: 4_097, because: "4096 lines")
    },
    Check("refuses a line of 5 kB") {
      let text = head + "a=x:" + String(repeating: "y", count: 5_000)
      try refuses(text, at: 5, because: "longer than 4096 bytes")
    },
    Check("bounds what feedback for all formats can grow to") {
      let formats = (0...127).map { " \($0)" }.joined()
      var text = head + "m=video 9 UDP/TLS/RTP/SAVPF\(formats)\r\n"
      for index in 0..<900 { text += "a=rtcp-fb:* \(index)\r\n" }
      try refuses(text, at: 38, because: "32 kinds of feedback")
    },
    Check("lets the last of several rtpmap and fmtp lines for one format count, as a whole") {
      let media = try SessionDescription(
        parsing: head + "m=audio 9 UDP/TLS/RTP/SAVPF 0 96\r\na=rtpmap:96 opus/48000/2\r\n"
          + "a=fmtp:96 a=1;b=2\r\na=rtpmap:96 x/8000\r\na=fmtp:96 c=3\r\na=rtpmap:97 y/1\r\n"
      ).media[0]
      try expectEqual(
        media.codecs,
        [
          CodecDescription(payloadType: 0, name: "PCMU", clockRate: 8_000),
          CodecDescription(
            payloadType: 96,
            name: "x",
            clockRate: 8_000,
            parameters: FormatParameters(parsing: "c=3")
          ),
        ]
      )
    },
    Check("says which line is wrong and why") {
      let media = head + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
      try refuses("", at: 1, because: "v=0")
      try refuses("v=1\r\n", at: 1, because: "version")
      try refuses("v=0\r\n", at: 2, because: "o=")
      try refuses("v=0\r\no=- 1 1 IN IP4\r\n", at: 2, because: "o=")
      try refuses("v=0\r\no=- 1 99999999999999999999 IN IP4 x\r\n", at: 2, because: "no number")
      try refuses("v=0\r\no=- 1 1 IN IP4 x\r\n", at: 3, because: "s=")
      try refuses("v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\n", at: 0, because: "t=")
      try refuses("v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nm=x 1 y z\r\n", at: 4, because: "t=")
      try refuses(head + "\r\na=x\r\n", at: 5, because: "empty")
      try refuses(head + "a\r\n", at: 5, because: "letter=value")
      try refuses(head + "A=x\r\n", at: 5, because: "letter=value")
      try refuses(head + "x=y\r\n", at: 5, because: "letter")
      try refuses(head + "a=x\0\r\n", at: 5, because: "NUL")
      try refuses(head + "a=x\ry\r\n", at: 5, because: "carriage return")
      try refuses(head + "a=\r\n", at: 5, because: "name")
      try refuses(head + "a=:x\r\n", at: 5, because: "name")
      try refuses(head + "m=video 9 UDP/TLS/RTP/SAVPF\r\n", at: 5, because: "m=")
      try refuses(head + "m=video 65536 UDP/TLS/RTP/SAVPF 96\r\n", at: 5, because: "port")
      try refuses(head + "m=video 9 UDP/TLS/RTP/SAVPF 128\r\n", at: 5, because: "0 to 127")
      try refuses(head + "m=video 9 UDP/TLS/RTP/SAVPF 96 96\r\n", at: 5, because: "twice")
      try refuses(media + "a=rtpmap:300 x/1\r\n", at: 6, because: "0 to 127")
      try refuses(media + "a=rtpmap:96 x\r\n", at: 6, because: "name/rate")
      try refuses(media + "a=rtpmap:96 x/99999999999\r\n", at: 6, because: "name/rate")
      try refuses(media + "a=rtpmap:96 x/1/256\r\n", at: 6, because: "channels")
      try refuses(media + "a=extmap:0 urn:x\r\n", at: 6, because: "1 to 65535")
      try refuses(media + "a=extmap:1/up urn:x\r\n", at: 6, because: "direction")
      try refuses(media + "a=fingerprint:sha-256 AA:B\r\n", at: 6, because: "fingerprint")
      try refuses(media + "a=fingerprint:sha-256\r\n", at: 6, because: "fingerprint")
      try refuses(media + "a=setup:maybe\r\n", at: 6, because: "setup")
      try refuses(media + "a=ice-ufrag:abc\r\n", at: 6, because: "4 to 256")
      try refuses(media + "a=ice-ufrag:ab:cd\r\n", at: 6, because: "4 to 256")
      try refuses(media + "a=ice-pwd:short\r\n", at: 6, because: "22 to 256")
      try refuses(media + "a=ssrc:4294967296 cname:x\r\n", at: 6, because: "ssrc")
      try refuses(media + "a=ssrc-group:FID 1 x\r\n", at: 6, because: "ssrc-group")
      try refuses(media + "a=msid:\r\n", at: 6, because: "msid")
      try refuses(media + "a=sctp-port:70000\r\n", at: 6, because: "sctp-port")
      try refuses(media + "b=AS:many\r\n", at: 6, because: "b=")
      try refuses(media + "c=IN IP4\r\n", at: 6, because: "c=")
      try refuses(media + "t=0 0\r\n", at: 6, because: "letter")
      let twice = media + "a=mid:0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
      try refuses(twice, at: 0, because: "mid")
    },
  ]

  private static let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

  private static func refuses(_ text: String, at line: Int, because words: String) throws {
    do throws(SDPError) {
      _ = try SessionDescription(parsing: text)
    } catch {
      try expectEqual(error.line, line, "the line of '\(error)'")
      try expect(contains(error.description, words), "'\(error)' does not say '\(words)'")
      return
    }
    throw CheckFailure(description: "no error that says '\(words)'")
  }

  private static func contains(_ text: String, _ part: String) -> Bool {
    let text = Array(text.utf8)
    let part = Array(part.utf8)
    guard text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }
}
