// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One raw picture, lent by the source that captured it.
///
/// Not copyable: when it goes, its memory goes back; a camera's buffer is queued again.
public struct CapturedFrame: ~Copyable, Sendable {
  /// The samples.
  public let picture: PictureBuffer
  /// How the samples are to be shown.
  public let color: ColorDescription
  /// When the picture was captured: the driver's timestamp where it has one, on `MediaClock`.
  public let captured: Timestamp
  /// Counts the source's pictures from 0, the ones that it lost included.
  public let number: UInt64

  /// Makes a frame of `picture`.
  public init(
    _ picture: consuming PictureBuffer,
    color: ColorDescription,
    captured: Timestamp,
    number: UInt64
  ) {
    self.picture = picture
    self.color = color
    self.captured = captured
    self.number = number
  }

  /// Width and height in samples.
  public var size: PictureSize { picture.layout.size }

  /// How the samples lie in memory.
  public var pixelFormat: PixelFormat { picture.layout.pixelFormat }
}

/// What the numbers of a picture mean as colours.
public struct ColorDescription: Hashable, Sendable {
  /// How luma and chroma are made of red, green and blue (ITU-T H.264 table E-5).
  public enum Matrix: Int, Hashable, Sendable {
    /// ITU-R BT.709.
    case bt709 = 1
    /// Nobody said.
    case unspecified = 2
    /// ITU-R BT.601.
    case bt601 = 6
  }

  /// Whether black is 0 and white 255, instead of 16 and 235.
  public var isFullRange: Bool
  /// How luma and chroma are made of red, green and blue.
  public var matrix: Matrix

  /// Describes colours; nothing given means limited range, and that nobody said more.
  public init(isFullRange: Bool = false, matrix: Matrix = .unspecified) {
    self.isFullRange = isFullRange
    self.matrix = matrix
  }
}
