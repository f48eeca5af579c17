// SPDX-License-Identifier: Apache-2.0
import RTP
import Testing

@Suite struct H264DepacketizerTests {
  private var depacketizer = H264Depacketizer(maximumBytes: 100, maximumUnits: 3)
  private var number: UInt16 = 65_534

  private mutating func receive(
    _ payload: [UInt8],
    time: UInt32 = 0,
    marker: Bool = false,
    skip: UInt16 = 0
  ) {
    number &+= 1 &+ skip
    let header = RTPHeader(
      marker: marker,
      payloadType: PayloadType(lowBitsOf: 102),
      sequenceNumber: SequenceNumber(rawValue: number),
      timestamp: RTPTime(rawValue: time),
      ssrc: SSRC(rawValue: 1)
    )
    depacketizer.receive(payload.span, header: header)
  }

  @Test mutating func `puts single units, STAP-A and FU-A into one picture`() throws {
    receive([0x78, 0, 2, 0x67, 1, 0, 1, 0x68])
    receive([0x7C, 0x85, 9])
    receive([0x7C, 0x45, 8], marker: true)
    let next = depacketizer.nextAccessUnit()
    let picture = try #require(next)
    #expect(picture.bytes == [0x67, 1, 0x68, 0x65, 9, 8])
    #expect(picture.nalUnits == [0..<2, 2..<3, 3..<6])
    #expect(picture.isKeyframe)
  }

  @Test mutating func `drops exactly the pictures that a gap touches`() {
    receive([0x41, 1], time: 1, marker: true)
    receive([0x41, 2], time: 2)
    receive([0x41, 3], time: 2, marker: true, skip: 1)
    receive([0x41, 4], time: 3, marker: true)
    #expect(depacketizer.nextAccessUnit()?.bytes == [0x41, 1])
    #expect(depacketizer.nextAccessUnit()?.bytes == [0x41, 4])
    #expect(depacketizer.nextAccessUnit() == nil)
    #expect(depacketizer.statistics.damagedAccessUnits == 1)
  }

  @Test mutating func `keeps a picture behind a gap that shows its start, and says what is lost`() {
    receive([0x41, 1], time: 1, marker: true)
    receive([0x78, 0, 1, 0x67, 0, 1, 0x65], time: 2, marker: true, skip: 1)
    receive([0x41, 2], time: 3, marker: true)
    #expect(depacketizer.nextAccessUnit()?.isAfterLoss == false)
    #expect(depacketizer.nextAccessUnit()?.isAfterLoss == true)
    #expect(depacketizer.nextAccessUnit()?.isAfterLoss == false)
    receive([0x67, 1], time: 4)
    receive([0x67, 2], time: 4, marker: true, skip: 1)
    #expect(depacketizer.nextAccessUnit() == nil)
  }

  @Test mutating func `passes over probes, but not over a gap before one`() {
    receive([0x41, 1], time: 1, marker: true)
    receive([], time: 1)
    receive([0x41, 2], time: 2, marker: true)
    receive([], time: 2, skip: 1)
    receive([0x41, 3], time: 3, marker: true)
    receive([0x41, 4], time: 4, marker: true)
    #expect(depacketizer.nextAccessUnit()?.bytes == [0x41, 1])
    #expect(depacketizer.nextAccessUnit()?.bytes == [0x41, 2])
    #expect(depacketizer.nextAccessUnit()?.bytes == [0x41, 4])
    #expect(depacketizer.statistics.damagedAccessUnits == 1)
  }

  @Test mutating func `ends a picture without a marker where the next begins`() {
    receive([0x41, 1], time: 1)
    receive([0x41, 2], time: 2)
    #expect(depacketizer.nextAccessUnit()?.bytes == [0x41, 1])
  }

  @Test mutating func `passes over repeated and late packets`() {
    receive([0x41, 1], time: 1)
    number &-= 1
    receive([0x41, 1], time: 1)
    receive([0x41, 2], time: 1, marker: true)
    #expect(depacketizer.nextAccessUnit()?.bytes == [0x41, 1, 0x41, 2])
  }

  @Test mutating func `drops pictures with malformed payloads`() {
    let malformed: [[UInt8]] = [
      [0xC1, 1], [0x40, 1], [0x79, 1], [0x7D, 0x85, 1], [0x7E, 1], [0x78], [0x78, 0],
      [0x78, 0, 0], [0x78, 0, 9, 0x41], [0x78, 0, 1, 0x78], [0x7C], [0x7C, 0x85], [0x7C, 0x05, 1],
      [0x7C, 0xC5, 1], [0x7C, 0x9C, 1],
    ]
    for (index, payload) in malformed.enumerated() {
      receive(payload, time: UInt32(index), marker: true)
      #expect(depacketizer.nextAccessUnit() == nil, "\(payload)")
    }
    #expect(depacketizer.statistics.malformed == UInt64(malformed.count))
    receive([0x7C, 0x85, 1], time: 100)
    receive([0x41, 1], time: 100, marker: true)
    #expect(depacketizer.nextAccessUnit() == nil)
    receive([0x7C, 0x85, 1], time: 101, marker: true)
    #expect(depacketizer.nextAccessUnit() == nil)
  }

  @Test mutating func `keeps to its limits of bytes and units`() {
    for _ in 0..<4 { receive([0x41], time: 1) }
    receive([0x41], time: 1, marker: true)
    for _ in 0..<3 { receive([UInt8](repeating: 0x41, count: 40), time: 2) }
    receive([0x41], time: 2, marker: true)
    #expect(depacketizer.nextAccessUnit() == nil)
    #expect(depacketizer.statistics.damagedAccessUnits == 2)
  }
}
