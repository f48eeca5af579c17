// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
internal import Wire

/// How pictures are to be encoded: always H.264 constrained baseline, no delay, no reordering.
public struct VideoEncoderConfiguration: Hashable, Sendable {
  /// Width and height; both even.
  public var size: PictureSize
  /// Frames per second that the rate control reckons with.
  public var frameRate: FrameRate
  /// How the samples of the pictures lie: I420 or NV12.
  public var pixelFormat: PixelFormat
  /// How the samples are to be shown.
  public var color: ColorDescription
  /// Bits per second, on average and at most over `buffer`.
  public var bitrate: Bitrate
  /// The span over which `bitrate` is kept (the VBV buffer).
  public var buffer: Duration
  /// x264's preset, from `ultrafast` to `placebo`.
  public var preset: String
  /// Threads that share a picture; more than one cuts it into slices.
  public var threads: Int
  /// The highest level that the receivers know.
  public var maximumLevel: H264Level

  /// Creates a configuration.
  public init(
    size: PictureSize,
    frameRate: FrameRate,
    pixelFormat: PixelFormat = .i420,
    color: ColorDescription = ColorDescription(),
    bitrate: Bitrate = .kilobits(2000),
    buffer: Duration = .seconds(1),
    preset: String = "ultrafast",
    threads: Int = 1,
    maximumLevel: H264Level = .level5_2
  ) {
    self.size = size
    self.frameRate = frameRate
    self.pixelFormat = pixelFormat
    self.color = color
    self.bitrate = bitrate
    self.buffer = buffer
    self.preset = preset
    self.threads = threads
    self.maximumLevel = maximumLevel
  }

  /// The level that the stream is marked with; `nil` when none up to the maximum is enough.
  ///
  /// The lowest that allows size, rate and bitrate, but 3.1 where that is higher: every receiver
  /// knows it, and it leaves room for a higher bitrate later.
  public var level: H264Level? {
    let needed = H264Level.lowest(for: size, frameRate, bitrate, bufferKilobits: bufferKilobits)
    guard let needed, needed <= maximumLevel else { return nil }
    return min(max(needed, .level3_1), maximumLevel)
  }

  /// Whether each picture's quantizer is chosen here instead of by x264.
  ///
  /// x264's own choice costs a fifth to two fifths of an `ultrafast` encode. It is what spreads bits over the parts of a
  /// picture, which all presets but `ultrafast` do.
  var choosesQuantizers: Bool { preset == "ultrafast" }

  /// The bitrate in x264's unit.
  var kilobitsPerSecond: Int { max(1, bitrate.bitsPerSecond / 1000) }

  /// The buffer in x264's unit; at least what one frame needs.
  var bufferKilobits: Int {
    max(1, Int((Double(kilobitsPerSecond) * max(0.1, min(10, buffer.inSeconds))).rounded()))
  }
}
