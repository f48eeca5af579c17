// SPDX-License-Identifier: Apache-2.0

/// Where the planes of a raw picture lie in its memory.
public struct PictureLayout: Hashable, Sendable {
  /// One plane: `height` lines of `width` bytes, each `stride` bytes after the one before.
  public struct Plane: Hashable, Sendable {
    /// Bytes from the start of the memory to the first line.
    public var offset: Int
    /// Bytes from one line to the next.
    public var stride: Int
    /// Bytes of a line that belong to the picture.
    public var width: Int
    /// Lines.
    public var height: Int

    /// Bytes from the first line to the end of the last one.
    public var byteCount: Int { height == 0 ? 0 : stride * (height - 1) + width }
  }

  /// Width and height of the picture in samples.
  public let size: PictureSize
  /// How the samples lie in the planes.
  public let pixelFormat: PixelFormat
  /// The planes: three for I420, two for NV12, one for YUYV.
  public let planes: [Plane]
  /// Bytes that the memory must have.
  public let byteCount: Int

  /// The layout of a picture whose first plane has lines of `stride` bytes, planes back to back.
  ///
  /// - Parameters:
  ///   - pixelFormat: how the samples lie.
  ///   - size: width and height, each 1 to 65,536.
  ///   - stride: bytes from line to line of the first plane; without it, no byte is left between
  ///     lines. For I420 the chroma planes have half of it, as V4L2 defines YU12.
  public init(_ pixelFormat: PixelFormat, size: PictureSize, stride: Int? = nil) {
    precondition(
      (1...65536).contains(size.width) && (1...65536).contains(size.height),
      "a picture has 1 to 65,536 columns and lines"
    )
    let chroma = PictureSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
    let shapes: [(width: Int, height: Int, stride: Int)]
    switch pixelFormat {
    case .i420:
      let luma = stride ?? size.width
      let half = stride.map { $0 / 2 } ?? chroma.width
      shapes = [
        (size.width, size.height, luma), (chroma.width, chroma.height, half),
        (chroma.width, chroma.height, half),
      ]
    case .nv12:
      let luma = stride ?? chroma.width * 2
      shapes = [(size.width, size.height, luma), (chroma.width * 2, chroma.height, luma)]
    case .yuyv:
      shapes = [(chroma.width * 4, size.height, stride ?? chroma.width * 4)]
    }
    var planes: [Plane] = []
    var offset = 0
    for shape in shapes {
      precondition(shape.stride >= shape.width, "a line is not longer than its stride")
      planes.append(
        Plane(offset: offset, stride: shape.stride, width: shape.width, height: shape.height)
      )
      offset += shape.stride * shape.height
    }
    self.size = size
    self.pixelFormat = pixelFormat
    self.planes = planes
    byteCount = offset
  }
}
