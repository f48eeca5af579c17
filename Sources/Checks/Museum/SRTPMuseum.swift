// SPDX-License-Identifier: Apache-2.0
private import RTP
private import SRTP
private import Wire

extension Check {
  /// SRTP and SRTCP, before and behind the authentication tag.
  static let museumSRTP: [Check] = [
    Check(
      "contributors and extensions that lead past the end stop before the cipher",
      after: "CVE-2015-6360"
    ) {
      var receiver = try SRTPReceiver(SRTPVectors.material)
      let tail = [UInt8](repeating: 0, count: 40)
      let packets: [[UInt8]] = [
        [0x8F] + SRTPVectors.packet(1).dropFirst(),
        [0x9F] + SRTPVectors.packet(1, payload: 60).dropFirst(),
        [0x90] + SRTPVectors.packet(1, payload: 0).dropFirst() + [0xBE, 0xDE, 0xFF, 0xFF] + tail,
        [0x90] + SRTPVectors.packet(1, payload: 0).dropFirst() + [0xBE, 0xDE, 0, 9] + tail,
      ]
      for packet in packets {
        var packet = packet
        try expect(!receiver.unprotect(&packet), "accepted")
      }
      try expectEqual(receiver.statistics.malformed, 4, "malformed")
      try expectAlive(&receiver)
    },
    Check(
      "an SRTCP packet that says it is not encrypted is refused, authentic or not",
      after: "cisco/libsrtp #817"
    ) {
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for count in 0...SRTPVectors.clear.count {
        var packet = Array(SRTPVectors.clear.prefix(count))
        try expect(!receiver.unprotectControl(&packet), "\(count) bytes were accepted")
      }
      try expectEqual(receiver.statistics.rtcpPackets, 0, "accepted")
      try expect(receiver.statistics.malformed > 20, "\(receiver.statistics)")
      try expectAlive(&receiver)
    },
    Check(
      "packets too short for index and tag are refused by their length",
      after: "pion/srtp #10, pion/srtp #278, jitsi/libjitsi #321"
    ) {
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for count in 0..<22 {
        var media = [UInt8](repeating: 0x80, count: count)
        var control = media
        try expect(!receiver.unprotect(&media), "\(count) bytes were accepted as SRTP")
        try expect(!receiver.unprotectControl(&control), "\(count) bytes were accepted as SRTCP")
      }
      try expectEqual(receiver.statistics.malformed, 44, "malformed")
      try expectAlive(&receiver)
    },
    Check(
      "an authentic packet says it has padding, and has no payload",
      after: "algesten/str0m #212"
    ) {
      var sender = try SRTPSender(SRTPVectors.material)
      var receiver = try SRTPReceiver(SRTPVectors.material)
      let plain = [0xA0] + SRTPVectors.packet(1, payload: 0).dropFirst()
      guard var packet = SRTPVectors.protect(plain, by: &sender) else {
        throw CheckFailure(description: "not protected")
      }
      try expect(receiver.unprotect(&packet), "an authentic packet was dropped")
      try expectEqual(packet, plain, "packet")
      try expect(RTPHeader.parse(packet.span) == nil, "the padding of nothing was taken off")
      try expectAlive(&receiver)
    },
    Check(
      "nothing, and what is shorter than a header, is not protected",
      after: "pion/webrtc #1706, ionorg/ion-sfu #433"
    ) {
      var sender = try SRTPSender(SRTPVectors.material)
      for count in 0..<8 {
        let plain = [UInt8](repeating: 0x80, count: count)
        try expectEqual(SRTPVectors.protect(plain, by: &sender, isControl: true), nil, "\(count)")
        try expectEqual(SRTPVectors.protect(plain, by: &sender), nil, "\(count) as RTP")
      }
      try expectEqual(sender.statistics.refused, 16, "refused")
      let good = SRTPVectors.protect(SRTPVectors.packet(1), by: &sender)
      try expect(good != nil, "a good packet is not protected")
    },
  ]

  /// Throws unless good packets of both kinds are still accepted.
  private static func expectAlive(_ receiver: inout SRTPReceiver) throws {
    var media = SRTPVectors.rtp[0].protected
    try expect(receiver.unprotect(&media), "a good SRTP packet was dropped")
    var control = SRTPVectors.rtcp[0].protected
    try expect(receiver.unprotectControl(&control), "a good SRTCP packet was dropped")
  }
}
