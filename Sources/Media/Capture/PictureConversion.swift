// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// Changes how samples lie, where the encoder cannot take what the camera delivers.
enum PictureConversion {
  /// Converts YUYV to NV12: luma as it is, chroma the rounded mean of two lines.
  ///
  /// Both pictures must have the same size. An odd last line's chroma is taken alone.
  static func nv12(from source: borrowing PictureBuffer, into target: inout PictureBuffer) {
    precondition(
      source.layout.pixelFormat == .yuyv && target.layout.pixelFormat == .nv12
        && source.layout.size == target.layout.size,
      "YUYV becomes NV12 of the same size"
    )
    if source.isVectorised(0, byteCount: 32), target.isVectorised(0, byteCount: 16),
      target.isVectorised(1, byteCount: 16)
    {
      vectorised(source, &target)
    } else {
      scalar(source, &target)
    }
  }

  /// A 16-bit word of YUYV is luma in its low byte and chroma in its high one.
  private static func vectorised(_ source: borrowing PictureBuffer, _ target: inout PictureBuffer) {
    let size = source.layout.size
    let columns = size.width / 16
    let from = source.layout.planes[0].stride / 32
    let words = source.words(0)
    let lumaStride = target.layout.planes[0].stride / 16
    var luma = target.mutableVectors(0)
    for line in 0..<size.height {
      for column in 0..<columns {
        luma[line &* lumaStride &+ column] = SIMD16(
          truncatingIfNeeded: words[line &* from &+ column] & 0xFF
        )
      }
    }
    let chromaStride = target.layout.planes[1].stride / 16
    let chromaHeight = target.layout.planes[1].height
    var chroma = target.mutableVectors(1)
    for line in 0..<chromaHeight {
      let upper = line &* 2 &* from
      let lower = min(line &* 2 &+ 1, size.height &- 1) &* from
      for column in 0..<columns {
        let sum = (words[upper &+ column] &>> 8) &+ (words[lower &+ column] &>> 8) &+ 1
        chroma[line &* chromaStride &+ column] = SIMD16(truncatingIfNeeded: sum &>> 1)
      }
    }
  }

  private static func scalar(_ source: borrowing PictureBuffer, _ target: inout PictureBuffer) {
    let size = source.layout.size
    let from = source.layout.planes[0].stride
    let bytes = source.plane(0)
    let lumaStride = target.layout.planes[0].stride
    var luma = target.mutablePlane(0)
    for line in 0..<size.height {
      for column in 0..<size.width {
        luma[line &* lumaStride &+ column] = bytes[line &* from &+ column &* 2]
      }
    }
    let shape = target.layout.planes[1]
    var chroma = target.mutablePlane(1)
    for line in 0..<shape.height {
      let upper = line &* 2 &* from
      let lower = min(line &* 2 &+ 1, size.height &- 1) &* from
      for column in 0..<shape.width {
        let sum =
          UInt16(bytes[upper &+ column &* 2 &+ 1]) &+ UInt16(bytes[lower &+ column &* 2 &+ 1]) &+ 1
        chroma[line &* shape.stride &+ column] = UInt8(truncatingIfNeeded: sum &>> 1)
      }
    }
  }
}
