// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing
import Wire

@testable import Codecs

struct RateControllerTests {
  /// What an encoder would take: octaves of bits that fall with the quantizer, and some chance.
  private struct Scene {
    /// Octaves of bits at quantizer 30 of a picture that refers to the one before.
    var level: Double
    /// Octaves less for six quantizers more.
    var slope = 1.5
    /// Octaves of bits at quantizer 30 of an IDR picture.
    var intra = 19.0
    /// How far bits differ from picture to picture, in octaves.
    var chance = 0.2
    var random = RandomSource.seeded(11)

    mutating func bits(_ quantizer: Int, isIntra: Bool) -> Int {
      let wobble = (Double(random.next() >> 11) / Double(1 << 52) - 1) * chance
      let steps = Double(quantizer - 30) / 6
      let octaves = isIntra ? intra - 1.2 * steps : level - slope * steps
      return Int(exp2(max(6, octaves + wobble)))
    }
  }

  private static let rate = 30.0
  private var controller = RateController(
    bitrate: 2_000_000,
    frameRate: rate,
    samples: 1280 * 720,
    buffer: 1
  )
  private var scene = Scene(level: 16)
  private var quantizers: [Int?] = []
  private var sizes: [Int] = []
  private var change = 0.01

  /// Encodes `count` pictures, each `interval` after the one before.
  private mutating func encode(
    _ count: Int,
    isKeyframe: Bool = false,
    isNew: Bool = false,
    interval: Double = 1 / rate
  ) {
    for _ in 0..<count {
      let isIntra = isKeyframe || isNew || sizes.isEmpty
      var detail = SIMD8<Double>()
      detail[2] = 0.5
      let quantizer = controller.quantizer(
        for: RateController.Picture(
          isKeyframe: isKeyframe || sizes.isEmpty,
          interval: interval,
          impression: PictureSketch.Impression(change: isNew ? 0.7 : change, detail: detail)
        )
      )
      quantizers.append(quantizer)
      guard let quantizer else {
        sizes.append(0)
        continue
      }
      sizes.append(scene.bits(quantizer, isIntra: isIntra))
      controller.record(bits: sizes[sizes.count - 1])
    }
  }

  private func mean(_ range: Range<Int>) -> Double {
    Double(sizes[range].reduce(0, +)) / Double(range.count)
  }

  @Test(arguments: [0.8, 1.5, 3.0], [13.0, 16.0, 19.0])
  mutating func `the bitrate is kept, however steeply bits follow the quantizer`(
    _ slope: Double,
    _ level: Double
  ) {
    scene = Scene(level: level, slope: slope)
    encode(300)
    let share = 2_000_000 / Self.rate
    let atFinest = exp2(level + slope * Double(30 - RateController.finest) / 6)
    for start in stride(from: 60, to: 300, by: 60) {
      let mean = mean(start..<start + 60)
      #expect(mean < share * 1.08, "from \(start): \(mean)")
      #expect(mean > min(share, atFinest) * (slope < 3 ? 0.8 : 0.6), "from \(start): \(mean)")
    }
  }

  /// Where noise begins to be encoded, two neighbouring quantizers are an octave apart.
  @Test mutating func `where no quantizer fits, the bitrate is rather left over than exceeded`() {
    scene = Scene(level: 16, slope: 6)
    encode(300)
    #expect(mean(60..<300) < 2_000_000 / Self.rate * 1.02)
    #expect(mean(60..<300) > 2_000_000 / Self.rate * 0.45)
    #expect(sizes[30...].max().map { Double($0) < 2_000_000 / Self.rate * 2.5 } == true)
  }

  @Test mutating func `a calm scene keeps its quantizer`() {
    scene.chance = 0.03
    encode(300)
    let settled = quantizers[90...].compactMap(\.self)
    #expect((settled.max() ?? 0) - (settled.min() ?? 0) <= 1)
  }

  @Test mutating func `a bitrate is followed within five pictures, down and up`() {
    controller.setBitrate(4_000_000)
    encode(90)
    controller.setBitrate(500_000)
    encode(60)
    let low = 500_000 / Self.rate
    #expect(mean(95..<110) < low * 1.3)
    #expect(mean(95..<150) > low * 0.6)
    controller.setBitrate(4_000_000)
    encode(60)
    let high = 4_000_000 / Self.rate
    #expect(mean(155..<165) > high * 0.6)
    #expect(mean(155..<210) < high * 1.1)
  }

  @Test
  mutating func `an IDR picture takes no more than half a second, and is no finer than others`() {
    for intra in [17.0, 18, 19, 20, 21] {
      self = RateControllerTests()
      scene.intra = intra
      encode(60)
      for _ in 0..<5 {
        let before = quantizers.last ?? nil
        encode(1, isKeyframe: true)
        #expect(sizes[sizes.count - 1] < 1_000_000, "intra \(intra)")
        if let before, let quantizer = quantizers.last { #expect(quantizer ?? 0 >= before) }
        encode(29)
      }
      #expect(mean(60..<210) < 2_000_000 / Self.rate * 1.15)
    }
  }

  @Test mutating func `a new scene takes a burst once, and is worked off`() {
    encode(90)
    encode(1, isNew: true)
    #expect(sizes[90] < 1_000_000)
    scene.level = 17.5
    encode(90)
    #expect(sizes[95...].max().map { $0 < 200_000 } == true)
    #expect(mean(91..<181) < 2_000_000 / Self.rate * 1.02)
  }

  /// Samples change as much with a camera that pans, but every picture refers to the one before.
  @Test mutating func `movement that never ends is nothing new`() {
    change = 0.5
    encode(150)
    let settled = quantizers[60...].compactMap(\.self)
    #expect((settled.max() ?? 0) - (settled.min() ?? 0) <= 3)
    #expect(mean(60..<150) > 2_000_000 / Self.rate * 0.8)
  }

  @Test mutating func `a still picture ends at the finest quantizer and takes next to nothing`() {
    scene.level = 8
    encode(90)
    #expect(quantizers[60...].allSatisfy { $0 == RateController.finest })
    #expect(mean(60..<90) < 5_000)
  }

  @Test mutating func `pictures are left out while the bucket is full, and never for longer`() {
    scene.level = 22
    scene.slope = 0
    encode(600)
    let skipped = quantizers.count { $0 == nil }
    #expect(skipped > 300)
    // What is in the bucket is never more than a second and one picture.
    #expect(Double(sizes.reduce(0, +)) < 2_000_000 * 21 + 5_000_000)
    scene.level = 16
    scene.slope = 1.5
    encode(90)
    #expect(quantizers[630...].allSatisfy { $0 != nil })
  }

  @Test mutating func `a camera that slows down has more bits for each picture`() {
    encode(90)
    encode(90, interval: 2 / Self.rate)
    let share = 2_000_000 / Self.rate
    #expect((1.7...2.1).contains(mean(120..<180) / share))
  }

  @Test(arguments: [-5.0, 0, 1e9, .infinity, .nan])
  mutating func `no time between pictures stops it`(_ interval: Double) {
    encode(30)
    encode(5, interval: interval)
    encode(60)
    #expect(mean(60..<95) < 2_000_000 / Self.rate * 1.2)
    #expect(mean(60..<95) > 2_000_000 / Self.rate * 0.5)
  }
}
