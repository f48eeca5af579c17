// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// What to ask of a camera; the nearest that it can do is taken.
public struct CameraRequest: Hashable, Sendable {
  /// Width and height in samples.
  public var size: PictureSize
  /// Frames per second.
  public var frameRate: FrameRate
  /// The one layout of samples to take; `nil` takes the one that costs least.
  public var pixelFormat: PixelFormat?

  /// Asks for `size` at `frameRate`.
  public init(
    size: PictureSize = PictureSize(width: 1280, height: 720),
    frameRate: FrameRate = FrameRate(30),
    pixelFormat: PixelFormat? = nil
  ) {
    self.size = size
    self.frameRate = frameRate
    self.pixelFormat = pixelFormat
  }
}

/// Where pictures come from: the text after `--camera`.
public enum CameraSelection: Hashable, Sendable, CustomStringConvertible {
  /// The built-in test pattern.
  case test
  /// A V4L2 device, by its path.
  case device(path: String)
  /// A .y4m or .h264 file or FIFO, by its path; its first bytes say which.
  case file(path: String)
  /// A .y4m or .h264 stream on the standard input.
  case standardInput
  /// No picture at all.
  case none

  /// Reads `test`, `none`, `/dev/…`, `file:PATH` or `file:-`.
  ///
  /// - Throws: `CaptureError.selectionUnknown` or `.notInThisBuild`.
  public init(_ text: String) throws(CaptureError) {
    let bytes = text.utf8
    if text == "test" {
      self = .test
    } else if text == "none" {
      self = .none
    } else if text == "file:-" {
      self = .standardInput
    } else if bytes.starts(with: "/dev/".utf8), bytes.count > 5 {
      self = .device(path: text)
    } else if bytes.starts(with: "file:".utf8), bytes.count > 5 {
      self = .file(path: String(decoding: bytes.dropFirst(5), as: UTF8.self))
    } else if bytes.starts(with: "libcamera:".utf8) {
      throw .notInThisBuild(text)
    } else {
      throw .selectionUnknown(text)
    }
  }

  /// The first camera that delivers a format we understand, else the test pattern.
  public static func firstFound() -> CameraSelection {
    for device in CameraDevice.all() where device.isUsable { return .device(path: device.path) }
    return .test
  }

  /// The text that this selection is read from.
  public var description: String {
    switch self {
    case .test: "test"
    case .device(let path): path
    case .file(let path): "file:\(path)"
    case .standardInput: "file:-"
    case .none: "none"
    }
  }
}
