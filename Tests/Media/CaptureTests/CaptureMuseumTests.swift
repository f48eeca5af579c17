// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

/// The museum's room for files and cameras: inputs that have ended other programs, by public report.
struct CaptureMuseumTests {
  // MARK: H.264 parameter sets and streams

  /// harlanc/xiu #69: a sequence parameter set whose numbers begin with more zeros than a number has.
  @Test func `a number of a parameter set has 32 zeros and more in front`() {
    for zeros in [31, 32, 33, 63, 64, 65, 500] {
      var bits = H264Streams.Bits()
      for _ in 0..<zeros { bits.append(0, count: 1) }
      bits.append(1, count: 1)
      bits.append(0, count: 16)
      let unit = [0x67, 66, 0xC0, 30] + bits.bytes
      let found = H264SequenceParameterSet(unit.span)
      #expect(found == nil, "\(zeros) zeros")
    }
  }

  /// Upipe/upipe #141: identifiers that lead past the tables which they number.
  @Test func `identifiers of parameter sets lie beyond their tables`() throws {
    for id in [32, 33, 255, 65_535, Int(UInt32.max) - 1] {
      let unit = H264Streams.sequenceSet(id: id)
      let found = H264SequenceParameterSet(unit.span)
      #expect(found == nil, "identifier \(id)")
    }
    var parser = H264Parser()
    let slices = [256, 1_000, Int(UInt32.max) - 1].flatMap { id in
      [H264Streams.pictureSet(id: id), H264Streams.pictureSet(sequenceSet: id)]
        + [H264Streams.slice(isIDR: true, set: id)]
    }
    try parser.receive(H264Streams.stream(slices), at: .zero)
    parser.end()
    let none = try parser.next()
    #expect(none == nil)
    try expectAlive(&parser)
  }

  /// chromeos/cros-codecs #99, ossrs/srs #1421: cropping that leaves no picture, or less than none.
  @Test func `cropping takes away more than the picture`() {
    for crop in [184, 185, 1_000, 16_384, 16_385, Int(UInt32.max) - 1] {
      let unit = H264Streams.sequenceSet(cropBottom: crop)
      let found = H264SequenceParameterSet(unit.span)
      #expect(found == nil, "crop of \(crop)")
    }
    let unit = H264Streams.sequenceSet(cropBottom: 183)
    let found = H264SequenceParameterSet(unit.span)
    #expect(found?.size == PictureSize(width: 640, height: 2))
  }

  /// gpac/gpac #2366: slice headers of any number, before any parameter set.
  @Test func `slices refer to nothing, or are cut inside their header`() throws {
    var parser = H264Parser()
    let whole = H264Streams.slice(isIDR: true)
    let units = (1...whole.count).map { Array(whole.prefix($0)) }
    try parser.receive(H264Streams.stream(units), at: .zero)
    parser.end()
    let none = try parser.next()
    #expect(none == nil)
    #expect(parser.dropped > 0)
    try expectAlive(&parser)
  }

  /// bluenviron/mediamtx #4346: pictures without a unit.
  @Test func `a stream is start codes and zeros`() throws {
    var parser = H264Parser()
    for bytes: [UInt8] in [
      [0, 0, 1], [0, 0, 0, 1, 0, 0, 1], [UInt8](repeating: 0, count: 100_000),
      (0..<30_000).flatMap { _ in [0, 0, 1] },
    ] {
      try parser.receive(bytes, at: .zero)
      let none = try parser.next()
      #expect(none == nil)
    }
    parser.end()
    let none = try parser.next()
    #expect(none == nil)
    try expectAlive(&parser)
  }

  private func expectAlive(_ parser: inout H264Parser) throws {
    try parser.receive(H264Streams.play(1, group: 1), at: .zero)
    parser.end()
    let picture = try parser.next()
    #expect(picture?.isKeyframe == true)
  }

  // MARK: YUV4MPEG2

  /// momo-trip/bug-report #15 and IENT/YUView #205: divisions by a size or rate of zero.
  @Test(arguments: [
    "W0 H0 F30:1", "W16 H0", "W0 H16", "W16 H16 F30:0", "W16 H16 F0:1", "W16 H16 F1:0",
    "W16 H16 F999999999:1", "W16 H16 F1:999999999", "W4294967312 H16", "W65552 H65552",
    "W-16 H-16", "W16 H16 F:", "W16 H16 F30:", "W16 H16 F:1", "W H F",
  ])
  func `a first line has sizes or rates of zero, without end, or none`(_ words: String) {
    #expect(throws: Y4MHeader.Malformed.self) {
      try Y4MHeader(Array("YUV4MPEG2 \(words)".utf8).span)
    }
  }

  /// Netflix/vmaf #825 and #890: a first line longer than the reader's buffer.
  @Test func `a first line is longer than most, or has no end`() throws {
    let long = "YUV4MPEG2 W16 H16 F30:1 " + String(repeating: "XCOLORRANGE=FULL ", count: 55) + "\n"
    var parser = Y4MParser()
    try parser.receive(Array(long.utf8).span)
    #expect(parser.header?.isFullRange == true)
    #expect(parser.pictureByteCount == 384)
    var endless = Y4MParser()
    let filler = Array("YUV4MPEG2 W16 H16 ".utf8) + [UInt8](repeating: 88, count: 100_000)
    #expect(throws: Y4MHeader.Malformed(reason: "has an endless first line")) {
      try endless.receive(filler.span)
    }
  }

  // MARK: JPEG

  /// CVE-2013-6629, CVE-2018-11212, libjpeg-turbo #284 and #900, and headers that lie.
  @Test func `headers of JPEG lie about sizes, parts, tables and scans`() throws {
    let usual = JPEGPictures.usual
    let frame = try #require(usual.firstIndex(of: 0xC0))
    let scan = try #require(usual.indices.last { usual[$0...].starts(with: [0xFF, 0xDA]) })
    // The name of each case, the place in the picture, and what stands there instead.
    let cases: [(String, Int, [UInt8])] = [
      ("no lines", frame + 4, [0, 0]), ("no columns", frame + 6, [0, 0]),
      ("65,535 lines", frame + 4, [0xFF, 0xFF]), ("12 bits a sample", frame + 3, [12]),
      ("no parts", frame + 8, [0]), ("255 parts", frame + 8, [255]),
      ("a frame header of no length", frame + 1, [0, 0]),
      ("a frame header of all that follows", frame + 1, [0xFF, 0xFF]),
      ("the same part three times", frame + 12, [1]), ("samplings of zero", frame + 10, [0]),
      ("samplings of 15", frame + 10, [0xFF]), ("a table that is not there", frame + 11, [3]),
      ("a table number beyond all", frame + 11, [255]), ("arithmetic coding", frame, [0xC9]),
      ("progressive coding", frame, [0xC2]), ("lossless coding", frame, [0xC3]),
      ("a scan of no parts", scan + 4, [0]), ("a scan of a part twice", scan + 7, [1]),
      ("a scan of a part that is not there", scan + 5, [99]),
      ("Huffman tables that are not there", scan + 6, [0x33]),
      ("a scan header of no length", scan + 2, [0, 0]),
    ]
    let decoder = try required(JPEGDecoder())
    let pool = PicturePool(JPEGDecoder.layout(PictureSize(width: 40, height: 24)))
    var picture = try required(pool.take())
    for (name, place, bytes) in cases {
      var broken = usual
      broken.replaceSubrange(place..<(place + bytes.count), with: bytes)
      let outcome = decoder.decode(broken.span, into: &picture)
      #expect(outcome != .decoded, "\(name)")
      let sound = decoder.decode(usual.span, into: &picture)
      #expect(sound == .decoded, "after \(name)")
    }
  }

  /// libjpeg-turbo #284: thousands of scans of one small picture.
  @Test func `a JPEG has ten thousand scans`() throws {
    var progressive = JPEGPictures.usual
    let frame = try #require(progressive.firstIndex(of: 0xC0))
    progressive[frame] = 0xC2
    let scan = try #require(
      progressive.indices.last { progressive[$0...].starts(with: [0xFF, 0xDA]) }
    )
    let head: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0x01]
    let bytes = progressive[..<scan] + (0..<10_000).flatMap { _ in head }
    let decoder = try required(JPEGDecoder())
    let pool = PicturePool(JPEGDecoder.layout(PictureSize(width: 40, height: 24)))
    var picture = try required(pool.take())
    let start = ContinuousClock.now
    let outcome = decoder.decode(Array(bytes).span, into: &picture)
    #expect(outcome == .unsuitable)
    #expect(ContinuousClock.now - start < .seconds(10))
    let usual = JPEGPictures.usual
    let sound = decoder.decode(usual.span, into: &picture)
    #expect(sound == .decoded)
  }
}
