// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import Codecs

struct PictureSketchTests {
  private static let width = 320
  private static let height = 180

  private func picture(_ luma: (_ x: Int, _ y: Int) -> Int) -> [UInt8] {
    (0..<Self.width * Self.height).map { UInt8(luma($0 % Self.width, $0 / Self.width)) }
  }

  /// A texture in blocks of four, another for each seed.
  private func texture(_ seed: UInt64) -> [UInt8] {
    picture { x, y in
      var random = RandomSource.seeded(seed << 32 | UInt64(x / 4) << 16 | UInt64(y / 4))
      return 40 + Int(random.next() % 160)
    }
  }

  private var sketch = PictureSketch(width: width, height: height)

  /// What changed since the picture before.
  private mutating func change(_ picture: [UInt8]) -> Double {
    sketch.compare(picture.span, stride: Self.width).change
  }

  @Test mutating func `a picture that stays has not changed`() {
    let picture = texture(1)
    _ = change(picture)
    let again = change(picture)
    #expect(again == 0)
  }

  @Test mutating func `another scene is new in most samples`() {
    _ = change(texture(1))
    let other = change(texture(2))
    let again = change(texture(2))
    #expect(other > 0.6)
    #expect(again == 0)
  }

  @Test mutating func `a lamp that goes on is no new scene`() {
    let dark = texture(1)
    _ = change(dark)
    let lit = change(dark.map { $0 + 40 })
    #expect(lit == 0)
  }

  @Test mutating func `the noise of a sensor is no change`() {
    var random = RandomSource.seeded(3)
    let calm = texture(1)
    for round in 0..<10 {
      let noisy = calm.map { $0 - 8 + UInt8(random.next() % 17) }
      let changed = change(noisy)
      #expect(round == 0 || changed == 0, "round \(round)")
    }
  }

  @Test mutating func `what moves in one half changes no more than half`() {
    let (first, second) = (texture(1), texture(2))
    _ = change(first)
    let half = zip(first, second).enumerated().map { index, pair in
      index % Self.width < Self.width / 2 ? pair.0 : pair.1
    }
    let changed = change(half)
    #expect((0.3...0.5).contains(changed))
  }

  /// Differences of 12 are in the fourth octave, from 8 to 15; those of 1 in the first.
  @Test(arguments: [(12, 3), (1, 0), (2, 1), (130, 7), (0, 8)])
  mutating func `neighbours are counted by the octave of their difference`(
    _ step: Int,
    _ octave: Int
  ) {
    let board = picture { x, y in 60 + (x + y) % 2 * step }
    let detail = sketch.compare(board.span, stride: Self.width).detail
    let shares = detail.indices.map { detail[$0] }
    #expect(shares == (0..<8).map { $0 == octave ? 1 : 0 })
  }

  @Test(arguments: [(1, 1), (2, 2), (16, 16), (17, 31), (46, 161), (4096, 16)])
  func `any size can be looked at, with lines longer than the picture`(_ width: Int, _ height: Int)
  {
    var sketch = PictureSketch(width: width, height: height)
    let picture = [UInt8](repeating: 7, count: (width + 5) * height - 5)
    _ = sketch.compare(picture.span, stride: width + 5)
    let second = sketch.compare(picture.span, stride: width + 5)
    #expect(second.change == 0)
    #expect(second.detail == SIMD8())
  }
}
