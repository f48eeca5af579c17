// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct PictureConversionTests {
  /// Widths of whole vectors, and widths that are not; strides with room at the end of a line.
  @Test(arguments: [
    (PictureSize(width: 64, height: 32), 128), (PictureSize(width: 64, height: 32), 160),
    (PictureSize(width: 64, height: 32), 136), (PictureSize(width: 50, height: 30), 100),
    (PictureSize(width: 16, height: 2), 32), (PictureSize(width: 48, height: 17), 96),
  ])
  func `YUYV becomes NV12 exactly`(_ size: PictureSize, _ stride: Int) throws {
    let layout = PictureLayout(.yuyv, size: size, stride: stride)
    var source = try required(PicturePool(layout).take())
    var random = RandomSource.seeded(11)
    var bytes = source.mutablePlane(0)
    for index in bytes.indices { bytes[index] = .random(in: 0...255, using: &random) }
    var target = try required(PicturePool(PictureLayout(.nv12, size: size)).take())

    PictureConversion.nv12(from: source, into: &target)

    let yuyv = source.plane(0)
    let luma = target.plane(0)
    let chroma = target.plane(1)
    var differences = 0
    for line in 0..<size.height {
      for column in 0..<size.width
      where luma[line * target.layout.planes[0].stride + column]
        != yuyv[line * stride + column * 2]
      { differences += 1 }
    }
    for line in 0..<(size.height + 1) / 2 {
      let lower = min(line * 2 + 1, size.height - 1)
      for column in 0..<size.width {
        let mean =
          (Int(yuyv[line * 2 * stride + column * 2 + 1])
            + Int(yuyv[lower * stride + column * 2 + 1])
            + 1) / 2
        if Int(chroma[line * target.layout.planes[1].stride + column]) != mean { differences += 1 }
      }
    }
    #expect(differences == 0)
  }
}
