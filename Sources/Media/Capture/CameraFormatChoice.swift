// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// Which of a camera's formats comes nearest to a request at the least cost.
///
/// First the size, because a viewer who asked for 1280x720 sees a smaller picture at once; then a
/// rate that is high enough; then the layout that needs no conversion.
struct CameraFormatChoice {
  /// The driver's four letters.
  var fourcc: String
  var pixelFormat: PixelFormat
  var size: PictureSize
  /// Fastest rate that the driver names, if it names any, that is not above the wish; else the
  /// slowest above it.
  var frameRate: FrameRate

  /// The best of `formats`, or `nil` when none is understood.
  static func best(
    of formats: [CameraDevice.Format],
    for request: CameraRequest
  ) -> CameraFormatChoice? {
    var best: (cost: Cost, choice: CameraFormatChoice)?
    for format in formats {
      guard let pixelFormat = format.pixelFormat,
        request.pixelFormat.map({ $0 == pixelFormat }) ?? true
      else { continue }
      for mode in format.modes {
        let size = mode.sizes.nearest(to: request.size)
        let rate = nearest(mode.frameRates, to: request.frameRate)
        let cost = Cost(
          size: distance(size, request.size),
          rate: max(0, request.frameRate.perSecond - rate.perSecond - 0.01),
          conversion: conversionCost(pixelFormat)
        )
        guard best.map({ cost < $0.cost }) ?? true else { continue }
        let choice = CameraFormatChoice(
          fourcc: format.fourcc,
          pixelFormat: pixelFormat,
          size: size,
          frameRate: rate
        )
        best = (cost, choice)
      }
    }
    return best?.choice
  }

  private struct Cost: Comparable {
    var size: Int
    var rate: Double
    var conversion: Int

    static func < (lhs: Cost, rhs: Cost) -> Bool {
      (lhs.size, lhs.rate, lhs.conversion) < (rhs.size, rhs.rate, rhs.conversion)
    }
  }

  private static func distance(_ size: PictureSize, _ wish: PictureSize) -> Int {
    abs(size.width - wish.width) + abs(size.height - wish.height)
  }

  private static func nearest(_ rates: [FrameRate], to wish: FrameRate) -> FrameRate {
    let enough = rates.filter { $0.perSecond >= wish.perSecond - 0.01 }
    if let slowest = enough.min(by: { $0.perSecond < $1.perSecond }) { return slowest }
    return rates.max { $0.perSecond < $1.perSecond } ?? wish
  }

  /// x264 takes NV12 as it is, interleaves I420's chroma, and of YUYV every sample must move.
  ///
  /// JPEG costs most, and its pictures have lost something.
  private static func conversionCost(_ format: PixelFormat) -> Int {
    switch format {
    case .nv12: 0
    case .i420: 1
    case .yuyv: 2
    case .mjpeg: 3
    }
  }
}
