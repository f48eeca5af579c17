// SPDX-License-Identifier: Apache-2.0
private import SRTP
private import Wire

extension Check {
  /// SRTP and SRTCP: vectors, rollover, replay, damage, limits.
  public static let srtp: [Check] = [
    Check("protects and unprotects packets as an independent implementation does") {
      var sender = try SRTPSender(SRTPVectors.material)
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for pair in SRTPVectors.rtp {
        try expectEqual(SRTPVectors.protect(pair.plain, by: &sender), pair.protected, "SRTP")
        var packet = pair.protected
        try expect(receiver.unprotect(&packet), "the vector was dropped")
        try expectEqual(packet, pair.plain, "RTP")
      }
      for pair in SRTPVectors.rtcp {
        let protected = SRTPVectors.protect(pair.plain, by: &sender, isControl: true)
        try expectEqual(protected, pair.protected, "SRTCP")
        var packet = pair.protected
        try expect(receiver.unprotectControl(&packet), "the vector was dropped")
        try expectEqual(packet, pair.plain, "RTCP")
      }
      try expectEqual(sender.statistics.rtpPackets, 3, "RTP packets sent")
      try expectEqual(receiver.statistics.rtcpPackets, 2, "RTCP packets received")
    },
    Check("rejects an authentic SRTCP packet that is not encrypted") {
      var receiver = try SRTPReceiver(SRTPVectors.material)
      var packet = SRTPVectors.clear
      try expect(!receiver.unprotectControl(&packet), "E = 0 was accepted")
      try expectEqual(receiver.statistics.malformed, 1, "malformed")
    },
    Check("follows the rollover counter over three wraps, with loss") {
      var sender = try SRTPSender(SRTPVectors.material)
      var receiver = try SRTPReceiver(SRTPVectors.material)
      var sequence: UInt16 = 65_000
      for round in 0..<2_000 {
        let plain = SRTPVectors.packet(sequence)
        guard var packet = SRTPVectors.protect(plain, by: &sender) else {
          throw CheckFailure(description: "round \(round) was not protected")
        }
        if round % 3 != 1 {
          try expect(receiver.unprotect(&packet), "round \(round) was dropped")
          try expectEqual(packet, plain, "round \(round)")
        }
        sequence &+= 100
      }
    },
    Check("survives a gap of 30,000 packets, twice over a wrap") {
      var sender = try SRTPSender(SRTPVectors.material)
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for sequence: UInt16 in [100, 30_100, 60_100, 24_564, 54_564, 19_028] {
        let plain = SRTPVectors.packet(sequence)
        var packet = SRTPVectors.protect(plain, by: &sender) ?? []
        try expect(receiver.unprotect(&packet), "\(sequence) was dropped")
        try expectEqual(packet, plain, "\(sequence)")
      }
    },
    Check("accepts each of 3,000 reordered packets once and never twice") {
      var random = RandomSource.seeded(3711)
      var sender = try SRTPSender(SRTPVectors.material)
      var receiver = try SRTPReceiver(SRTPVectors.material)
      var seen: [[UInt8]] = []
      for block in 0..<3 {
        var packets: [[UInt8]] = []
        for index in 0..<1_000 {
          let plain = SRTPVectors.packet(UInt16(truncatingIfNeeded: 64_000 + block * 1_000 + index))
          packets.append(SRTPVectors.protect(plain, by: &sender) ?? [])
        }
        for packet in packets.shuffled(using: &random) {
          var first = packet
          try expect(receiver.unprotect(&first), "a packet within the window was dropped")
          var again = packet
          try expect(!receiver.unprotect(&again), "a repeat was accepted")
          seen.append(packet)
        }
      }
      for packet in seen {
        var late = packet
        try expect(!receiver.unprotect(&late), "a late repeat was accepted")
      }
      try expectEqual(receiver.statistics.rtpPackets, 3_000, "accepted")
      let dropped = receiver.statistics.replayed + receiver.statistics.notAuthentic
      try expectEqual(dropped, 6_000, "dropped")
    },
    Check("never accepts an SRTCP packet twice") {
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for pair in SRTPVectors.rtcp + SRTPVectors.rtcp {
        var packet = pair.protected
        _ = receiver.unprotectControl(&packet)
      }
      try expectEqual(receiver.statistics.rtcpPackets, 2, "accepted")
      try expectEqual(receiver.statistics.replayed, 2, "replayed")
    },
    Check("rejects every packet with one flipped bit, every cut, and leaves the original good") {
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for (pair, isControl) in [(SRTPVectors.rtp[0], false), (SRTPVectors.rtcp[0], true)] {
        for bit in 0..<(pair.protected.count * 8) {
          var packet = pair.protected
          packet[bit / 8] ^= 1 << UInt8(bit % 8)
          let isAccepted =
            isControl ? receiver.unprotectControl(&packet) : receiver.unprotect(&packet)
          try expect(!isAccepted, "bit \(bit) flipped was accepted")
        }
        for length in 0..<pair.protected.count {
          var packet = [UInt8](pair.protected.prefix(length))
          let isAccepted =
            isControl ? receiver.unprotectControl(&packet) : receiver.unprotect(&packet)
          try expect(!isAccepted, "\(length) bytes were accepted")
        }
        var packet = pair.protected
        let isAccepted =
          isControl ? receiver.unprotectControl(&packet) : receiver.unprotect(&packet)
        try expect(isAccepted, "the original was dropped")
      }
    },
    Check("serves several sources without set-up, and at most 32 of a peer") {
      var sender = try SRTPSender(SRTPVectors.material)
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for source in 0..<40 {
        let plain = SRTPVectors.packet(7, source: UInt32(source))
        var packet = SRTPVectors.protect(plain, by: &sender) ?? []
        try expectEqual(receiver.unprotect(&packet), source < 32, "source \(source)")
      }
      try expectEqual(receiver.statistics.tooManySources, 8, "too many")
      let known = SRTPVectors.packet(8, source: 31)
      var packet = SRTPVectors.protect(known, by: &sender) ?? []
      try expect(receiver.unprotect(&packet), "a known source was dropped")
    },
    Check("does not let packets that are not authentic use up the sources") {
      var receiver = try SRTPReceiver(SRTPVectors.material)
      for source in 0..<1_000 {
        var packet = SRTPVectors.packet(7, source: UInt32(source), payload: 40)
        try expect(!receiver.unprotect(&packet), "a forged packet was accepted")
      }
      var packet = SRTPVectors.rtp[0].protected
      try expect(receiver.unprotect(&packet), "the authentic packet was dropped")
      try expectEqual(receiver.statistics.notAuthentic, 1_000, "not authentic")
    },
    Check("refuses to protect without room for the tag, and what is no RTP") {
      var sender = try SRTPSender(SRTPVectors.material)
      let packet = SRTPVectors.packet(1)
      for spare in 0...12 {
        let long = SRTPVectors.packet(2, payload: 2048 - 12 - spare)
        let isProtected = SRTPVectors.protect(long, by: &sender) != nil
        try expectEqual(isProtected, spare >= 10, "\(spare) free bytes")
      }
      try expect(SRTPVectors.protect([], by: &sender) == nil, "no bytes")
      try expect(SRTPVectors.protect([0x9F] + packet.dropFirst(), by: &sender) == nil, "15 CSRCs")
      try expect(SRTPVectors.protect([0x00] + packet.dropFirst(), by: &sender) == nil, "version 0")
      for spare in [0, 13, 14] {
        let control = [0x80, 200, 1, 0] + [UInt8](repeating: 1, count: 2048 - 4 - spare)
        let isProtected = SRTPVectors.protect(control, by: &sender, isControl: true) != nil
        try expectEqual(isProtected, spare >= 14, "\(spare) free bytes")
      }
      try expectEqual(sender.statistics.refused, 15, "refused")
    },
    Check("repeats a packet for a retransmission without RTX byte for byte") {
      var sender = try SRTPSender(SRTPVectors.material)
      let plain = SRTPVectors.packet(5)
      let first = SRTPVectors.protect(plain, by: &sender)
      _ = SRTPVectors.protect(SRTPVectors.packet(6), by: &sender)
      try expectEqual(SRTPVectors.protect(plain, by: &sender), first, "the repeat")
    },
    Check("refuses keys of a wrong length") {
      let short = SRTPKeyingMaterial(masterKey: [1, 2], masterSalt: [])
      do throws(SRTPError) {
        _ = try SRTPSender(short)
      } catch {
        return try expectEqual(error, .keyLength, "error")
      }
      throw CheckFailure(description: "two bytes were taken for a key")
    },
    Check("survives 20,000 mutations of SRTP and SRTCP packets") {
      for target in FuzzTarget.srtp { target.mutate(count: 20_000, seed: 3711) }
    },
  ]
}

extension FuzzTarget {
  /// Unprotecting as RTP and as RTCP, under known keys so that mutations reach behind the tag too.
  public static let srtp: [FuzzTarget] = [
    FuzzTarget("srtp", seeds: (SRTPVectors.rtp + SRTPVectors.rtcp).map(\.protected)) { input in
      guard var receiver = try? SRTPReceiver(SRTPVectors.material),
        var sender = try? SRTPSender(SRTPVectors.material)
      else { return }
      var packet = input
      _ = receiver.unprotect(&packet)
      packet = input
      _ = receiver.unprotectControl(&packet)
      _ = SRTPVectors.protect(input, by: &sender)
      _ = SRTPVectors.protect(input, by: &sender, isControl: true)
    }
  ]
}
