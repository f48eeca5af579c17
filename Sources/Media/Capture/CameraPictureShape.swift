// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// Where the samples lie in a camera's buffers, as the driver agreed.
///
/// A buffer is one piece of memory to us, though the driver may have given each plane its own: NM12
/// is NV12, and YM12 is YU12, with a gap between the planes.
struct CameraPictureShape: Hashable {
  /// Where the planes lie when the samples begin where the memories do.
  let layout: PictureLayout
  private let parts: [Range<Int>]

  /// Fits the driver's lines into its memories; `nil` when there is no room for them.
  init?(_ agreement: V4L2Device.Agreement, _ parts: [Range<Int>]) {
    let pixelFormat = agreement.pixelFormat
    let shapes = PictureLayout.shapes(pixelFormat, agreement.size)
    guard let end = parts.map(\.upperBound).max(), parts.count == agreement.strides.count,
      parts.count == 1 || parts.count == shapes.count
    else { return nil }
    if pixelFormat == .mjpeg {
      layout = Self.compressed(agreement.size, parts[0])
    } else if parts.count == 1 {
      let least = pixelFormat == .nv12 ? shapes[1].width : shapes[0].width
      let tight = PictureLayout(
        pixelFormat,
        size: agreement.size,
        stride: max(agreement.strides[0], least + (pixelFormat == .i420 ? least & 1 : 0))
      )
      guard tight.byteCount <= end else { return nil }
      layout = tight
    } else {
      var places: [PictureLayout.Place] = []
      for (index, shape) in shapes.enumerated() {
        let stride = max(agreement.strides[index], shape.width)
        guard stride * (shape.height - 1) + shape.width <= parts[index].count else { return nil }
        places.append(PictureLayout.Place(offset: parts[index].lowerBound, stride: stride))
      }
      layout = PictureLayout(pixelFormat, size: agreement.size, places: places, byteCount: end)
    }
    self.parts = parts
  }

  /// Where the planes of `picture` lie; `nil` when the driver did not fill them.
  func layout(of picture: V4L2Device.Picture) -> PictureLayout? {
    if layout.pixelFormat == .mjpeg {
      let part = parts[0]
      let filled = min(picture.byteCounts[0], part.count)
      guard picture.starts[0] + 4 <= filled else { return nil }
      return Self.compressed(
        layout.size,
        part.lowerBound + picture.starts[0]..<part.lowerBound + filled
      )
    }
    for (index, plane) in layout.planes.enumerated() {
      let part = parts.count == 1 ? 0 : index
      let end = plane.offset + plane.byteCount + picture.starts[part]
      let filled = min(picture.byteCounts[part], parts[part].count)
      guard end <= parts[part].lowerBound + filled else { return nil }
    }
    guard picture.starts.contains(where: { $0 != 0 }) else { return layout }
    let places = layout.planes.enumerated().map { index, plane in
      PictureLayout.Place(
        offset: plane.offset + picture.starts[parts.count == 1 ? 0 : index],
        stride: plane.stride
      )
    }
    return PictureLayout(
      layout.pixelFormat,
      size: layout.size,
      places: places,
      byteCount: parts.map(\.upperBound).max() ?? 0
    )
  }

  private static func compressed(_ size: PictureSize, _ bytes: Range<Int>) -> PictureLayout {
    PictureLayout(
      .mjpeg,
      size: size,
      places: [PictureLayout.Place(offset: bytes.lowerBound, stride: bytes.count)],
      byteCount: bytes.upperBound
    )
  }
}
