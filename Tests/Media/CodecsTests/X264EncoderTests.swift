// SPDX-License-Identifier: Apache-2.0
import Capture
import Codecs
import Glibc
import MediaTypes
import Testing
import Wire

struct X264EncoderTests {
  private static let size = PictureSize(width: 320, height: 180)

  private func configuration(
    _ size: PictureSize = X264EncoderTests.size,
    _ kilobits: Int = 500
  ) -> VideoEncoderConfiguration {
    VideoEncoderConfiguration(size: size, frameRate: FrameRate(30), bitrate: .kilobits(kilobits))
  }

  private func types(_ frame: EncodedFrame) -> [UInt8] {
    frame.nalUnits.map { frame.bytes[$0.lowerBound] & 31 }
  }

  @Test func `the first picture is an IDR picture with its parameter sets, and no other is`() throws
  {
    var encoder = try X264Encoder(configuration())
    var scene = Scene(Self.size)
    for number in 0..<400 {
      let frame = try required(encoder.encode(scene.frame(number), forceKeyframe: false))
      #expect(types(frame) == (number == 0 ? [7, 8, 5] : [1]))
      #expect(frame.isKeyframe == (number == 0))
      #expect(frame.number == UInt64(number))
      #expect(frame.captured == Timestamp(nanoseconds: Int64(number) * 33_333_333))
    }
    #expect(encoder.statistics.frames == 400)
    #expect(encoder.statistics.keyframes == 1)
    #expect(encoder.complaints == 0)
  }

  @Test func `makes an IDR picture when asked to`() throws {
    var encoder = try X264Encoder(configuration())
    var scene = Scene(Self.size)
    for number in 0..<30 {
      let frame = try required(encoder.encode(scene.frame(number), forceKeyframe: number % 10 == 7))
      #expect(frame.isKeyframe == (number == 0 || number % 10 == 7))
      guard frame.isKeyframe else { continue }
      #expect(types(frame) == [7, 8, 5])
      #expect(Array(frame.bytes[frame.nalUnits[0]]) == encoder.parameterSets.sps)
      #expect(Array(frame.bytes[frame.nalUnits[1]]) == encoder.parameterSets.pps)
    }
  }

  @Test func `the parameter sets say constrained baseline and the level`() throws {
    let small = try X264Encoder(configuration())
    #expect(small.profileLevelID == (0x42, 0xC0, 31))
    let large = try X264Encoder(configuration(PictureSize(width: 1920, height: 1080), 4000))
    #expect(large.profileLevelID == (0x42, 0xC0, 40))
  }

  @Test func `NAL units follow one another without gaps, start codes or length fields`() throws {
    var encoder = try X264Encoder(configuration())
    var scene = Scene(Self.size)
    let frame = try required(encoder.encode(scene.frame(0), forceKeyframe: false))
    var end = 0
    for range in frame.nalUnits {
      #expect(range.lowerBound == end)
      end = range.upperBound
    }
    #expect(end == frame.bytes.count)
  }

  @Test(arguments: [PixelFormat.i420, .nv12])
  func `a decoder shows what was put in, and can read the clock`(_ format: PixelFormat) throws {
    var wished = configuration()
    wished.pixelFormat = format
    var encoder = try X264Encoder(wished)
    var scene = Scene(Self.size, format)
    var stream: [UInt8] = []
    var originals: [[UInt8]] = []
    for number in 0..<40 {
      let frame = try scene.frame(number)
      originals.append(packed(frame))
      let encoded = try required(encoder.encode(frame, forceKeyframe: number == 20))
      for range in encoded.nalUnits { stream += [0, 0, 0, 1] + encoded.bytes[range] }
    }
    let decoded = try decode(stream)
    let layout = PictureLayout(.i420, size: Self.size)
    #expect(decoded.count == 40 * layout.byteCount)
    for number in 0..<40 {
      let picture = Array(decoded[number * layout.byteCount..<(number + 1) * layout.byteCount])
      let error = zip(picture, originals[number]).reduce(0) { sum, pair in
        sum + (Int(pair.0) - Int(pair.1)) * (Int(pair.0) - Int(pair.1))
      }
      let noise = 10 * log10(255 * 255 * Double(picture.count) / Double(max(1, error)))
      #expect(noise > 28, "frame \(number): \(noise) dB")
      for row in 0...1 {
        let read = PictureClock.read(row: row, from: picture.span, layout.planes[0])
        #expect(read == UInt32(number * (row + 1)))
      }
    }
  }

  /// Noise is harder than any camera's picture: what is kept here is kept always.
  @Test func `the rate is kept, changes at once, and an IDR picture stays within half a second`()
    throws
  {
    let size = PictureSize(width: 160, height: 96)
    var encoder = try X264Encoder(configuration(size, 1000))
    var scene = Scene(size, isNoise: true)
    func kilobits(_ frames: Range<Int>) throws -> Double {
      var bytes = 0
      for number in frames {
        let frame = try scene.frame(number)
        bytes += try required(encoder.encode(frame, forceKeyframe: number % 60 == 0)).bytes.count
      }
      return Double(bytes * 8) / 1000 * 30 / Double(frames.count)
    }
    _ = try kilobits(0..<60)
    let high = try kilobits(60..<150)
    #expect((850...1150).contains(high), "\(high)")
    #expect(encoder.statistics.largestKeyframe * 8 <= 500_000)
    let taken1 = encoder.setBitrate(.kilobits(300))
    #expect(taken1 == true)
    #expect(encoder.configuration.bitrate == .kilobits(300))
    _ = try kilobits(150..<180)
    let low = try kilobits(180..<270)
    #expect((225...345).contains(low), "\(low)")
    let taken2 = encoder.setBitrate(.kilobits(1000))
    #expect(taken2 == true)
    _ = try kilobits(270..<300)
    let again = try kilobits(300..<390)
    #expect((800...1150).contains(again), "\(again)")
    let taken3 = encoder.setBitrate(.kilobits(200_000))
    #expect(taken3 == false)
  }

  @Test func `a still picture soon takes next to nothing, though the bitrate would allow more`()
    throws
  {
    var encoder = try X264Encoder(configuration())
    var scene = Scene(Self.size)
    var sizes: [Int] = []
    for _ in 0..<60 {
      let frame = try required(encoder.encode(scene.frame(0), forceKeyframe: false))
      sizes.append(frame.bytes.count)
    }
    #expect(sizes[30...].allSatisfy { $0 < 200 }, "\(sizes)")
  }

  @Test func `a cut takes a burst of half a second at most, without an IDR picture`() throws {
    let size = PictureSize(width: 160, height: 96)
    var encoder = try X264Encoder(configuration(size, 1000))
    var calm = Scene(size)
    var noise = Scene(size, isNoise: true)
    for number in 0..<60 {
      _ = try required(encoder.encode(calm.frame(number), forceKeyframe: false))
    }
    let cut = try required(encoder.encode(noise.frame(60), forceKeyframe: false))
    #expect(!cut.isKeyframe)
    #expect(cut.bytes.count * 8 < 500_000)
    var bytes = 0
    for number in 61..<121 {
      bytes += try required(encoder.encode(noise.frame(number), forceKeyframe: false)).bytes.count
    }
    #expect(bytes * 8 < 2_200_000)
  }

  @Test func `pictures that cannot be made small enough are left out`() throws {
    let size = PictureSize(width: 320, height: 180)
    var encoder = try X264Encoder(configuration(size, 60))
    var scene = Scene(size, isNoise: true)
    var bytes = 0
    for number in 0..<150 {
      bytes += try encoder.encode(scene.frame(number), forceKeyframe: false)?.bytes.count ?? 0
    }
    #expect(encoder.statistics.skipped > 50)
    #expect(encoder.statistics.frames + encoder.statistics.skipped == 150)
    // Five seconds, the second that the bucket holds, and the picture that made it run over.
    #expect(bytes * 8 < 60_000 * 6 + encoder.statistics.largestKeyframe * 8)
    #expect(encoder.complaints == 0)
  }

  @Test func `other presets leave the quantizer to x264`() throws {
    let size = PictureSize(width: 160, height: 96)
    var wished = configuration(size, 1000)
    wished.preset = "veryfast"
    var encoder = try X264Encoder(wished)
    var scene = Scene(size, isNoise: true)
    for number in 0..<60 { _ = try encoder.encode(scene.frame(number), forceKeyframe: false) }
    let taken = encoder.setBitrate(.kilobits(300))
    #expect(taken == true)
    for number in 60..<90 { _ = try encoder.encode(scene.frame(number), forceKeyframe: false) }
    let before = encoder.statistics.bytes
    for number in 90..<180 { _ = try encoder.encode(scene.frame(number), forceKeyframe: false) }
    let kilobits = Double(encoder.statistics.bytes - before) * 8 / 1000 / 3
    #expect((200...345).contains(kilobits), "\(kilobits)")
    #expect(encoder.statistics.skipped == 0)
    #expect(encoder.complaints == 0)
  }

  @Test func `threads share a picture as slices and hold none back`() throws {
    var wished = configuration(PictureSize(width: 640, height: 360))
    wished.threads = 2
    var encoder = try X264Encoder(wished)
    var scene = Scene(PictureSize(width: 640, height: 360))
    for number in 0..<5 {
      let frame = try required(encoder.encode(scene.frame(number), forceKeyframe: false))
      #expect(types(frame).suffix(2) == (number == 0 ? [5, 5] : [1, 1]))
    }
  }

  @Test func `says what it cannot do`() throws {
    var wished = configuration()
    wished.preset = "fastest"
    #expect(throws: CodecError.presetUnknown("fastest")) { _ = try X264Encoder(wished).complaints }
    let odd = PictureSize(width: 321, height: 180)
    #expect(throws: CodecError.sizeUnsuitable(odd)) {
      _ = try X264Encoder(configuration(odd)).complaints
    }
    let large = PictureSize(width: 8192, height: 8192)
    #expect(throws: CodecError.self) { _ = try X264Encoder(configuration(large)).complaints }
    var other = Scene(PictureSize(width: 160, height: 90))
    var encoder = try X264Encoder(configuration())
    #expect(throws: CodecError.formatChanged(PictureSize(width: 160, height: 90), .i420)) {
      _ = try encoder.encode(other.frame(0), forceKeyframe: false)
    }
  }
}
