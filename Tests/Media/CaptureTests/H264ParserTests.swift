// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct H264ParserTests {
  private typealias Streams = H264Streams

  /// The pictures in `bytes`, read at most `chunk` at a time.
  private static func pictures(
    _ bytes: [UInt8],
    chunk: Int = 1 << 16,
    into parser: inout H264Parser
  ) throws -> [H264AccessUnit] {
    var found: [H264AccessUnit] = []
    var position = 0
    while position < bytes.count {
      let end = min(position + chunk, bytes.count)
      try parser.receive(Array(bytes[position..<end]), at: Timestamp(nanoseconds: Int64(position)))
      while let picture = try parser.next() { found.append(picture) }
      position = end
    }
    parser.end()
    while let picture = try parser.next() { found.append(picture) }
    return found
  }

  private static func pictures(_ units: [[UInt8]], chunk: Int = 1 << 16) throws -> [H264AccessUnit]
  {
    var parser = H264Parser()
    return try pictures(Streams.stream(units), chunk: chunk, into: &parser)
  }

  /// The NAL units of a picture.
  private static func units(_ picture: H264AccessUnit) -> [[UInt8]] {
    picture.nalUnits.map { Array(picture.bytes[$0]) }
  }

  @Test(arguments: [1, 2, 3, 7, 64, 1 << 16])
  func `finds every picture whatever the sizes of the reads`(_ chunk: Int) throws {
    let (sps, pps) = (Streams.sequenceSet(), Streams.pictureSet())
    let idr = [Streams.slice(isIDR: true), Streams.slice(isIDR: true, first: 460)]
    let next = [Streams.slice(mark: 7), Streams.slice(first: 460, mark: 8)]
    let found = try Self.pictures(
      [Streams.delimiter, sps, pps, Streams.message] + idr
        + [Streams.delimiter, Streams.message] + next + [Streams.slice(mark: 3)],
      chunk: chunk
    )
    #expect(found.map(Self.units) == [[sps, pps] + idr, next, [Streams.slice(mark: 3)]])
    #expect(found.map(\.isKeyframe) == [true, false, false])
  }

  @Test func `puts the parameter sets before each IDR picture`() throws {
    let (sps, pps) = (Streams.sequenceSet(), Streams.pictureSet())
    let second = Streams.pictureSet(id: 1, mark: 5)
    let idr = Streams.slice(isIDR: true)
    let found = try Self.pictures(
      [sps, pps, idr, Streams.slice(), second, Streams.slice(set: 1), pps, idr]
    )
    #expect(
      found.map(Self.units) == [
        [sps, pps, idr], [Streams.slice()],
        // One that is new in between goes with the picture behind it.
        [second, Streams.slice(set: 1)], [sps, pps, second, idr],
      ]
    )
  }

  @Test func `says size, rate and profile of the present IDR picture`() throws {
    var parser = H264Parser()
    let first = Streams.stream([
      Streams.sequenceSet(rate: 25), Streams.pictureSet(), Streams.slice(isIDR: true),
    ])
    _ = try Self.pictures(first, into: &parser)
    #expect(
      parser.format
        == EncodedVideoFormat(
          size: PictureSize(width: 640, height: 360),
          frameRate: FrameRate(50, per: 2),
          profileLevelID: [66, 0xC0, 30]
        )
    )
    let second = Streams.stream([
      Streams.sequenceSet(columns: 80, rows: 45, cropBottom: 0, profile: 100),
      Streams.slice(isIDR: true),
    ])
    _ = try Self.pictures(second, into: &parser)
    #expect(parser.format?.size == PictureSize(width: 1280, height: 720))
    #expect(parser.format?.profileLevelID == [100, 0, 30])
    #expect(parser.format?.frameRate == FrameRate(30))
  }

  @Test func `begins at an IDR picture whose parameter sets are there`() throws {
    var parser = H264Parser()
    let stream = Streams.stream([
      Streams.slice(), Streams.slice(isIDR: true), Streams.slice(), Streams.sequenceSet(),
      Streams.pictureSet(), Streams.slice(), Streams.slice(isIDR: true), Streams.slice(),
    ])
    let found = try Self.pictures(stream, into: &parser)
    #expect(found.map(\.isKeyframe) == [true, false])
    #expect(parser.dropped == 4)
    // After the end, the stream begins anew: what depends on pictures before is not shown.
    let again = try Self.pictures(Streams.stream([Streams.slice()]), into: &parser)
    #expect(again == [])
  }

  @Test func `shows nothing after a broken slice until the next IDR picture`() throws {
    let (sps, pps) = (Streams.sequenceSet(), Streams.pictureSet())
    let idr = Streams.slice(isIDR: true)
    let found = try Self.pictures(
      [sps, pps, idr, Streams.slice(), [0x41, 0, 0], Streams.slice(), Streams.slice(), idr]
    )
    #expect(found.map(\.isKeyframe) == [true, true])
  }

  @Test func `stamps a picture with the time of its first slice`() throws {
    let units = [Streams.sequenceSet(), Streams.pictureSet(), Streams.slice(isIDR: true)]
    let stream = Streams.stream(units + [Streams.slice()])
    var parser = H264Parser()
    let found = try Self.pictures(stream, chunk: 1, into: &parser)
    let places = AnnexB.nalUnits(in: stream.span).map { Int64($0.lowerBound - 1) }
    #expect(found.map(\.began.nanoseconds) == [places[2], places[3]])
  }

  @Test func `says why a stream cannot be played`() throws {
    func reason(_ units: [[UInt8]]) -> String? {
      do {
        _ = try Self.pictures(units)
        return nil
      } catch {
        return (error as? H264Parser.Malformed)?.reason
      }
    }
    let (pps, idr) = (Streams.pictureSet(), Streams.slice(isIDR: true))
    #expect(
      reason([Streams.sequenceSet(), pps, idr, Streams.slice(type: 6)])
        == "has B-pictures, which browsers show too late"
    )
    #expect(reason([Streams.sequenceSet(isInterlaced: true), pps, idr]) == "is interlaced")
    let profile = "is of an H.264 profile that browsers do not show"
    #expect(reason([Streams.sequenceSet(profile: 110), pps, idr]) == profile)
    #expect(reason([Streams.sequenceSet(profile: 100, chroma: 2), pps, idr]) == profile)
    let endless = [UInt8](repeating: 9, count: H264Parser.maximumBytes + 5)
    #expect(
      reason([Streams.sequenceSet(), pps, Streams.slice(isIDR: true) + endless])
        == "has a picture of more than 4 megabytes or 1,024 slices"
    )
    let slices = (0..<1100).map { Streams.slice(isIDR: true, first: $0) }
    #expect(
      reason([Streams.sequenceSet(), pps] + slices)
        == "has a picture of more than 4 megabytes or 1,024 slices"
    )
  }

  @Test func `a NAL unit without end takes bounded memory`() throws {
    var parser = H264Parser()
    let chunk = [UInt8](repeating: 5, count: 1 << 16)
    try parser.receive([0, 0, 1, 0x65], at: .zero)
    #expect(throws: H264Parser.Malformed(reason: "has a NAL unit of more than 4 megabytes")) {
      for _ in 0..<80 {
        try parser.receive(chunk, at: .zero)
        while try parser.next() != nil {}
      }
    }
  }

  @Test func `survives mutated streams`() {
    let seeds = [
      Streams.play(6, group: 3), Streams.play(2, group: 1),
      Streams.stream([
        Streams.sequenceSet(profile: 100, rate: 30), Streams.pictureSet(),
        Streams.pictureSet(id: 3, mark: 2), Streams.message,
        Streams.slice(isIDR: true), Streams.slice(isIDR: true, first: 300), Streams.slice(set: 3),
      ]),
    ]
    var random = RandomSource.seeded(3)
    for _ in 0..<20_000 {
      let bytes = mutation(of: seeds, using: &random)
      var parser = H264Parser()
      let chunk = Int.random(in: 1...200, using: &random)
      guard let found = try? Self.pictures(bytes, chunk: chunk, into: &parser) else { continue }
      for picture in found {
        #expect(picture.nalUnits.last?.upperBound == picture.bytes.count)
      }
    }
  }
}
