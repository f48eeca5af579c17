// SPDX-License-Identifier: Apache-2.0

/// How the samples of a picture lie in memory.
public enum PixelFormat: String, Hashable, Sendable, CaseIterable {
  /// 4:2:0, three planes: Y, U, V (V4L2's YU12).
  case i420 = "YU12"
  /// 4:2:0, two planes: Y, then U and V interleaved.
  case nv12 = "NV12"
  /// 4:2:2, one plane: Y U Y V.
  case yuyv = "YUYV"
  /// Compressed, each picture by itself: JPEG.
  case mjpeg = "MJPG"
}

/// A picture's width and height in samples.
public struct PictureSize: Hashable, Sendable, CustomStringConvertible {
  /// Samples in a line.
  public var width: Int
  /// Lines in the picture.
  public var height: Int

  /// Creates a size of `width` by `height` samples.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// `WIDTHxHEIGHT`.
  public var description: String { "\(width)x\(height)" }
}

/// What a camera delivers: size, layout and rate.
public struct VideoFormat: Hashable, Sendable {
  /// Width and height.
  public var size: PictureSize
  /// How the samples lie in memory.
  public var pixelFormat: PixelFormat
  /// Frames per second, as a fraction.
  public var frameRate: FrameRate

  /// Creates a format from its parts.
  public init(size: PictureSize, pixelFormat: PixelFormat, frameRate: FrameRate) {
    self.size = size
    self.pixelFormat = pixelFormat
    self.frameRate = frameRate
  }
}

/// Frames per second as an exact fraction, such as 30000/1001.
public struct FrameRate: Hashable, Sendable, CustomStringConvertible {
  /// Frames in `denominator` seconds.
  public var numerator: Int
  /// Seconds that `numerator` frames take.
  public var denominator: Int

  /// Creates the rate `numerator`/`denominator`; both must be positive.
  public init(_ numerator: Int, per denominator: Int = 1) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// Frames per second.
  public var perSecond: Double { Double(numerator) / Double(denominator) }

  /// The rate in frames per second, with at most two decimals.
  public var description: String {
    guard numerator % denominator != 0 else { return "\(numerator / denominator)" }
    return "\((perSecond * 100).rounded() / 100)"
  }
}

/// Bits per second.
public struct Bitrate: Hashable, Comparable, Sendable {
  /// Bits per second.
  public var bitsPerSecond: Int

  /// Creates a rate of `bitsPerSecond`.
  public init(bitsPerSecond: Int) {
    self.bitsPerSecond = bitsPerSecond
  }

  /// A rate of `count` kilobits (1,000 bits) per second.
  public static func kilobits(_ count: Int) -> Bitrate {
    Bitrate(bitsPerSecond: count * 1000)
  }

  /// Whether `lhs` is the lower rate.
  public static func < (lhs: Bitrate, rhs: Bitrate) -> Bool {
    lhs.bitsPerSecond < rhs.bitsPerSecond
  }
}
