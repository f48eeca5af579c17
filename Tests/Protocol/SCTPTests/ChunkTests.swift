// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import SCTP

/// Each kind of chunk, from bytes and back.
@Suite struct ChunkTests {
  @Test func `serial numbers wrap and know which comes first`() {
    let last = TSN(rawValue: .max)
    #expect(last.next == TSN(rawValue: 0))
    #expect(TSN(rawValue: 0).previous == last)
    #expect(last.precedes(TSN(rawValue: 5)))
    #expect(TSN(rawValue: 5).follows(last))
    #expect(TSN(rawValue: 5).distance(after: last) == 6)
    #expect(!TSN(rawValue: 0).precedes(TSN(rawValue: 0x8000_0000)))
    #expect(!TSN(rawValue: 0x8000_0000).precedes(TSN(rawValue: 0)))
    #expect(SSN(rawValue: 0xFFFF).precedes(SSN(rawValue: 0x7FFE)))
    #expect(!SSN(rawValue: 0xFFFF).precedes(SSN(rawValue: 0x7FFF)))
  }

  @Test func `an SSN is the low half of the nearest MID`() {
    let mid = MID(rawValue: 0x0001_FFFE)
    #expect(mid.nearest(SSN(rawValue: 3)) == MID(rawValue: 0x0002_0003))
    #expect(mid.nearest(SSN(rawValue: 0xFFF0)) == MID(rawValue: 0x0001_FFF0))
    #expect(MID(rawValue: 2).nearest(SSN(rawValue: 0xFFFF)) == MID(rawValue: .max))
  }

  @Test func `a header is read, and its checksum stands with the lowest byte first`() throws {
    // A COOKIE ACK from port 5000 to 5001.
    let packet: [UInt8] = [0x13, 0x88, 0x13, 0x89, 1, 2, 3, 4, 0, 0, 0, 0, 11, 0, 0, 4]
    let sealed = try #require(CommonHeader.sealing(packet))
    let header = try #require(CommonHeader.parsing(sealed))
    #expect(header.sourcePort == 5000)
    #expect(header.destinationPort == 5001)
    #expect(header.tag == VerificationTag(rawValue: 0x0102_0304))
    #expect(header.checksum.byteSwapped == Checksum.crc32c(packet.span))
    #expect(CommonHeader.parsing(Array(packet.prefix(11))) == nil)
  }

  @Test func `chunks are walked over with their padding, and a bad length ends the walk`() {
    let good: [UInt8] = [9, 1, 0, 5, 7, 0, 0, 0, 10, 2, 0, 4]
    let (chunks, isMalformed) = ChunkReader.reading(good)
    #expect(chunks.map(\.type) == [9, 10])
    #expect(chunks.map(\.value) == [4..<5, 12..<12])
    #expect(!isMalformed)
    for (bytes, count): ([UInt8], Int) in [
      ([9, 1, 0, 0, 7], 0), ([9, 1, 0, 3, 7], 0), ([9, 1, 0, 9, 7, 0, 0, 0], 0), ([9, 1], 0),
      (good + [1, 2, 3], 2),
    ] {
      let (chunks, isMalformed) = ChunkReader.reading(bytes)
      #expect(chunks.count == count)
      #expect(isMalformed)
    }
    // The padding of the last may be missing.
    #expect(ChunkReader.reading([9, 1, 0, 5, 7]).chunks.count == 1)
    #expect(ChunkReader.reading(good, limit: 1).chunks.count == 1)
  }

  @Test func `INIT from bytes`() throws {
    let value: [UInt8] =
      [0xDE, 0xAD, 0xBE, 0xEF, 0, 2, 0, 0, 4, 0, 8, 0, 0x11, 0x22, 0x33, 0x44]
      + [0xC0, 0, 0, 4] + [0x80, 8, 0, 6, 0xC0, 0x82, 0, 0] + [0x80, 1, 0, 8, 0, 0, 0, 1]
    let chunk = try #require(InitiationChunk.parsing(value))
    #expect(chunk.tag == VerificationTag(rawValue: 0xDEAD_BEEF))
    #expect(chunk.window == 131_072)
    #expect(chunk.outgoingStreams == 1024)
    #expect(chunk.incomingStreams == 2048)
    #expect(chunk.initialTSN == TSN(rawValue: 0x1122_3344))
    #expect(chunk.capabilities == [.partialReliability, .reconfiguration, .zeroChecksum])
    #expect(chunk.cookie == nil)
  }

  @Test func `INIT ACK there and back`() throws {
    let chunk = InitiationChunk(
      tag: VerificationTag(rawValue: 7),
      window: 1 << 20,
      outgoingStreams: 3,
      incomingStreams: 4,
      initialTSN: TSN(rawValue: .max),
      capabilities: [.partialReliability, .reconfiguration, .interleaving, .zeroChecksum],
      cookie: [1, 2, 3, 4, 5]
    )
    let bytes = chunk.bytes(.initiationAcknowledgement)
    #expect(bytes.prefix(2) == [2, 0])
    #expect(bytes.count % 4 == 0)
    let raw = try #require(ChunkReader.reading(bytes).chunks.first)
    #expect(InitiationChunk.parsing(Array(bytes[raw.value])) == chunk)
  }

  @Test func `INIT without a tag is none, and unknown parameters are treated by their upper bits`()
    throws
  {
    let fixed: [UInt8] = [0, 0, 0, 1, 0, 2, 0, 0, 4, 0, 8, 0, 0x11, 0x22, 0x33, 0x44]
    #expect(InitiationChunk.parsing([0, 0, 0, 0] + fixed[4...]) == nil)
    for count in 0..<16 { #expect(InitiationChunk.parsing(Array(fixed.prefix(count))) == nil) }
    let forward: [UInt8] = [0xC0, 0, 0, 4]
    for (type, isRead, isReported): (UInt8, Bool, Bool) in [
      (0x3F, false, false), (0x7F, false, true), (0xBF, true, false), (0xFF, true, true),
    ] {
      let unknown: [UInt8] = [type, 1, 0, 5, 9, 0, 0, 0]
      let chunk = try #require(InitiationChunk.parsing(fixed + unknown + forward))
      #expect(chunk.capabilities.contains(.partialReliability) == isRead)
      #expect(chunk.unrecognized == (isReported ? Array(unknown.prefix(5)) : []))
    }
  }

  @Test func `a cookie is taken back unchanged, and only by who made it`() throws {
    let offer = InitiationChunk(
      tag: VerificationTag(rawValue: 1),
      window: 2,
      outgoingStreams: 300,
      incomingStreams: 400,
      initialTSN: TSN(rawValue: 5)
    )
    var peer = offer
    peer.tag = VerificationTag(rawValue: 0xFFFF_FFFF)
    peer.outgoingStreams = 10
    let cookie = StateCookie(
      created: Timestamp(nanoseconds: -5),
      tieTags: .init(local: VerificationTag(rawValue: 8), peer: VerificationTag(rawValue: 9)),
      agreement: Agreement(offer: offer, peer: peer)
    )
    #expect(cookie.agreement.incomingStreams == 10)
    #expect(cookie.agreement.outgoingStreams == 300)
    let key = [UInt8](repeating: 3, count: 32)
    let bytes = cookie.bytes(key: key)
    #expect(bytes.count == StateCookie.length)
    #expect(StateCookie.parsing(bytes, key: key) == cookie)
    #expect(StateCookie.parsing(bytes, key: [UInt8](repeating: 4, count: 32)) == nil)
    #expect(StateCookie.parsing(bytes + [0], key: key) == nil)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(StateCookie.parsing(changed, key: key) == nil)
    }
  }

  @Test func `DATA from bytes and back`() throws {
    let value: [UInt8] = [0, 0, 0, 9, 0, 2, 0, 3, 0, 0, 0, 51, 0x68, 0x69]
    let (chunk, header) = try #require(
      DataChunk.parsing(value, flags: 0x0B, isInterleaved: false)
    )
    #expect(header == 12)
    #expect(chunk.tsn == TSN(rawValue: 9))
    #expect(chunk.stream == 2)
    #expect(chunk.place == .sequence(SSN(rawValue: 3)))
    #expect(chunk.payloadProtocol == 51)
    #expect(chunk.isBeginning && chunk.isEnd && chunk.isImmediate && !chunk.isUnordered)
    #expect(chunk.bytes([0x68, 0x69]) == [0, 0x0B, 0, 18] + value + [0, 0])
  }

  @Test func `I-DATA from bytes and back: the protocol stands in the first fragment only`() throws {
    let first: [UInt8] = [0, 0, 0, 9, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 53, 7]
    let (chunk, header) = try #require(DataChunk.parsing(first, flags: 6, isInterleaved: true))
    #expect(header == 16)
    #expect(chunk.place == .message(MID(rawValue: 0x1_0000), fragment: FSN(rawValue: 0)))
    #expect(chunk.payloadProtocol == 53)
    #expect(chunk.bytes([7]) == [0x40, 6, 0, 21] + first + [0, 0, 0])
    let next: [UInt8] = [0, 0, 0, 10, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 7]
    let (later, _) = try #require(DataChunk.parsing(next, flags: 5, isInterleaved: true))
    #expect(later.place == .message(MID(rawValue: 0x1_0000), fragment: FSN(rawValue: 4)))
    #expect(later.payloadProtocol == 0)
    #expect(later.bytes([7]) == [0x40, 5, 0, 21] + next + [0, 0, 0])
  }

  @Test func `SACK from bytes and back`() throws {
    let value: [UInt8] =
      [0, 0, 1, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 2, 0, 3, 0, 5, 0, 5, 0, 0, 0, 0xFF]
    let chunk = try #require(SelectiveAcknowledgement.parsing(value))
    #expect(chunk.cumulativeTSN == TSN(rawValue: 256))
    #expect(chunk.window == 65_536)
    #expect(chunk.blocks == [.init(start: 2, end: 3), .init(start: 5, end: 5)])
    var whole = chunk
    whole.duplicates = [TSN(rawValue: 0xFF)]
    #expect(whole.bytes == [3, 0, 0, 28] + value)
    for count in 0..<value.count {
      #expect(SelectiveAcknowledgement.parsing(Array(value.prefix(count))) == nil)
    }
  }

  @Test func `FORWARD TSN and I-FORWARD-TSN from bytes and back`() throws {
    let value: [UInt8] = [0, 0, 0, 7, 0, 1, 0, 2, 0, 3, 0xFF, 0xFF]
    let chunk = try #require(ForwardTSNChunk.parsing(value, isInterleaved: false))
    #expect(chunk.cumulativeTSN == TSN(rawValue: 7))
    #expect(chunk.skips.map(\.stream) == [1, 3])
    #expect(chunk.skips.map(\.mid.ssn.rawValue) == [2, 0xFFFF])
    #expect(chunk.bytes(isInterleaved: false) == [0xC0, 0, 0, 16] + value)
    let other: [UInt8] = [0, 0, 0, 7, 0, 1, 0, 1, 0, 0, 0, 2]
    let interleaved = try #require(ForwardTSNChunk.parsing(other, isInterleaved: true))
    #expect(interleaved.skips == [.init(stream: 1, isUnordered: true, mid: MID(rawValue: 2))])
    #expect(interleaved.bytes(isInterleaved: true) == [0xC2, 0, 0, 16] + other)
    #expect(ForwardTSNChunk.parsing(Array(other.prefix(10)), isInterleaved: true) == nil)
    #expect(ForwardTSNChunk.parsing(Array(value.prefix(9)), isInterleaved: false) == nil)
  }

  @Test func `RE-CONFIG parameters from bytes and back`() {
    let number = ReconfigurationNumber(rawValue: 1)
    let cases: [([UInt8], ReconfigurationParameter)] = [
      (
        [0, 13, 0, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 4],
        .outgoingReset(
          number,
          response: ReconfigurationNumber(rawValue: 2),
          lastTSN: TSN(rawValue: 3),
          streams: [4]
        )
      ),
      ([0, 14, 0, 12, 0, 0, 0, 1, 0, 4, 0, 5], .incomingReset(number, streams: [4, 5])),
      ([0, 16, 0, 12, 0, 0, 0, 1, 0, 0, 0, 6], .response(number, .inProgress)),
    ]
    for (bytes, parameter) in cases {
      #expect(ReconfigurationParameter.parsing(bytes) == parameter)
      #expect(parameter.bytes == bytes)
    }
    #expect(ReconfigurationParameter.parsing([0, 15, 0, 8, 0, 0, 0, 1]) == .other(number))
    #expect(ReconfigurationParameter.parsing([0, 16, 0, 12, 0, 0, 0, 1, 0, 0, 0, 7]) == nil)
    #expect(ReconfigurationParameter.parsing([0, 14, 0, 11, 0, 0, 0, 1, 0, 4, 0]) == nil)
    #expect(ReconfigurationParameter.parsing([0, 99, 0, 8, 0, 0, 0, 1]) == nil)
  }
}
