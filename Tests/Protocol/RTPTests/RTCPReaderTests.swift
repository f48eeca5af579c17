// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import RTP
import Testing

@Suite struct RTCPReaderTests {
  @Test func `reads a reduced-size datagram that begins with feedback`() {
    let datagram: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
    var reader = RTCPReader(datagram.span)
    #expect(
      reader.next() == .pictureLossIndication(sender: SSRC(rawValue: 1), media: SSRC(rawValue: 2))
    )
  }

  @Test func `reads the scaled rates of REMB and TMMBR`() {
    let remb: [UInt8] = [
      0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42, 1, 0x0B, 0xD0, 0x90, 0, 0, 0,
      2,
    ]
    var reader = RTCPReader(remb.span)
    #expect(
      reader.next()
        == .receiverEstimatedMaximumBitrate(
          sender: SSRC(rawValue: 1),
          Bitrate(bitsPerSecond: 0x3D090 << 2),
          media: [SSRC(rawValue: 2)]
        )
    )
    let tmmbr: [UInt8] = [
      0x83, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0b0000_1000, 0, 0b0000_0010, 40,
    ]
    reader = RTCPReader(tmmbr.span)
    #expect(
      reader.next()
        == .temporaryMaximumBitrateRequest(
          sender: SSRC(rawValue: 1),
          [.init(ssrc: SSRC(rawValue: 2), bitrate: Bitrate(bitsPerSecond: 4), overhead: 40)]
        )
    )
  }

  @Test func `stops reading NACK entries at its limit`() {
    var nack: [UInt8] = [0x81, 205, 0x04, 0x02, 0, 0, 0, 1, 0, 0, 0, 2]
    nack += [UInt8](repeating: 1, count: 1024 * 4)
    var reader = RTCPReader(nack.span)
    guard case .genericNACK(_, _, let entries)? = reader.next() else {
      Issue.record("not read as NACK")
      return
    }
    #expect(entries.count == 256)
    #expect(reader.next() == nil && reader.malformed == 0)
  }

  @Test func `tells an application's format 15 from REMB`() {
    let other: [UInt8] = [0x8F, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x43]
    var reader = RTCPReader(other.span)
    #expect(reader.next() == .unknown(type: 206, format: 15))
  }

  @Test func `passes over blocks of an extended report that it does not know or believe`() throws {
    let reference: [UInt8] = [4, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]
    let strange: [[UInt8]] = [
      [], [7, 0, 0, 1, 9, 9, 9, 9], [4, 0, 0, 1, 9, 9, 9, 9], [5, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
      [5, 0, 0, 0],
    ]
    for block in strange {
      let body = [0, 0, 0, 7] + block + reference
      let bytes = [0x80, 207, 0, UInt8(body.count / 4)] + body
      var reader = RTCPReader(bytes.span)
      let report = RTCPPacket.ExtendedReport(
        sender: SSRC(rawValue: 7),
        referenceTime: 0x0102_0304_0506_0708
      )
      #expect(reader.next() == .extendedReport(report))
    }
    // A block longer than the packet, and a packet without a sender.
    var reader = RTCPReader(([0x80, 207, 0, 2, 0, 0, 0, 7, 4, 0, 0, 2] as [UInt8]).span)
    #expect(reader.next() == .extendedReport(.init(sender: SSRC(rawValue: 7))))
    reader = RTCPReader(([0x80, 207, 0, 0] as [UInt8]).span)
    #expect(reader.next() == nil)
    #expect(reader.malformed == 1)
  }
}
