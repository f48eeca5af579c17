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

  /// Where a plane begins, and how its lines follow one another.
  public struct Place: Hashable, Sendable {
    /// Bytes from the start of the memory to the first line.
    public var offset: Int
    /// Bytes from one line to the next.
    public var stride: Int

    /// Creates a place.
    public init(offset: Int, stride: Int) {
      self.offset = offset
      self.stride = stride
    }
  }

  /// Width and height of the picture in samples.
  public let size: PictureSize
  /// How the samples lie in the planes.
  public let pixelFormat: PixelFormat
  /// The planes: three for I420, two for NV12, one for YUYV; for JPEG one line of all bytes.
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
    let shapes = Self.shapes(pixelFormat, size)
    var places: [Place] = []
    var offset = 0
    for (index, shape) in shapes.enumerated() {
      var lineStride = pixelFormat == .nv12 ? shapes[1].width : shape.width
      if let stride { lineStride = pixelFormat == .i420 && index > 0 ? stride / 2 : stride }
      places.append(Place(offset: offset, stride: lineStride))
      offset += lineStride * shape.height
    }
    self.init(pixelFormat, size: size, places: places, byteCount: offset)
  }

  /// The layout of a picture whose planes lie wherever they lie.
  ///
  /// - Parameters:
  ///   - pixelFormat: how the samples lie.
  ///   - size: width and height, each 1 to 65,536.
  ///   - places: where each plane begins and how its lines follow one another.
  ///   - byteCount: bytes that the memory has at least; no plane may end beyond them.
  public init(_ pixelFormat: PixelFormat, size: PictureSize, places: [Place], byteCount: Int) {
    let shapes = Self.shapes(pixelFormat, size)
    precondition(shapes.count == places.count, "each plane has its place")
    var planes: [Plane] = []
    for (shape, place) in zip(shapes, places) {
      // Compressed pictures have no lines: all their bytes are one.
      let width = pixelFormat == .mjpeg ? place.stride : shape.width
      precondition(
        place.offset >= 0 && place.stride >= width,
        "a line is not longer than its stride"
      )
      let plane = Plane(
        offset: place.offset,
        stride: place.stride,
        width: width,
        height: shape.height
      )
      precondition(plane.offset + plane.byteCount <= byteCount, "a plane lies in the memory")
      planes.append(plane)
    }
    self.size = size
    self.pixelFormat = pixelFormat
    self.planes = planes
    self.byteCount = byteCount
  }

  /// Bytes of a line and lines of each plane.
  public static func shapes(
    _ pixelFormat: PixelFormat,
    _ size: PictureSize
  ) -> [(width: Int, height: Int)] {
    let chroma = PictureSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
    switch pixelFormat {
    case .i420:
      return [(size.width, size.height)]
        + [(chroma.width, chroma.height), (chroma.width, chroma.height)]
    case .nv12: return [(chroma.width * 2, size.height), (chroma.width * 2, chroma.height)]
    case .yuyv: return [(chroma.width * 4, size.height)]
    case .mjpeg: return [(size.width * size.height * 2, 1)]
    }
  }
}
