// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// A camera as its driver describes it.
public struct CameraDevice: Hashable, Sendable {
  /// The sizes that a format comes in.
  public enum Sizes: Hashable, Sendable, CustomStringConvertible {
    /// Exactly this one.
    case exactly(PictureSize)
    /// Every size from one to the other that is a whole number of steps above the smallest.
    case range(PictureSize, PictureSize, step: PictureSize)

    /// The nearest to `wish` that there is.
    public func nearest(to wish: PictureSize) -> PictureSize {
      switch self {
      case .exactly(let size): return size
      case .range(let low, let high, let step):
        func nearest(_ wish: Int, _ low: Int, _ high: Int, _ step: Int) -> Int {
          let step = max(1, step)
          let clamped = max(low, min(wish, high))
          let steps = (clamped - low + step / 2) / step
          return low + min(steps, (max(low, high) - low) / step) * step
        }
        return PictureSize(
          width: nearest(wish.width, low.width, high.width, step.width),
          height: nearest(wish.height, low.height, high.height, step.height)
        )
      }
    }

    /// `WIDTHxHEIGHT`, or two of them with what lies between.
    public var description: String {
      switch self {
      case .exactly(let size): size.description
      case .range(let low, let high, let step): "\(low) to \(high) in steps of \(step)"
      }
    }
  }

  /// One size, or range of sizes, with the rates that the driver names for it.
  public struct Mode: Hashable, Sendable {
    /// Width and height.
    public var sizes: Sizes
    /// Frame rates, the highest first; empty when the driver does not say.
    public var frameRates: [FrameRate]

    /// Creates a mode.
    public init(sizes: Sizes, frameRates: [FrameRate]) {
      self.sizes = sizes
      self.frameRates = frameRates
    }
  }

  /// One layout of samples with its sizes and rates.
  public struct Format: Hashable, Sendable {
    /// The driver's four letters.
    public var fourcc: String
    /// The same, where it is one that we understand.
    public var pixelFormat: PixelFormat?
    /// Sizes and rates.
    public var modes: [Mode]

    /// Creates a format; `pixelFormat` follows from `fourcc`.
    public init(fourcc: String, modes: [Mode]) {
      self.fourcc = fourcc
      self.modes = modes
      pixelFormat =
        switch fourcc {
        // The same samples, each plane in a memory of its own.
        case "NM12": .nv12
        case "YM12": .i420
        case "JPEG": .mjpeg
        default: PixelFormat(rawValue: fourcc)
        }
    }
  }

  /// The path of the device node.
  public var path: String
  /// What the driver calls the camera.
  public var name: String
  /// The driver's name.
  public var driver: String
  /// Where the camera is connected.
  public var bus: String
  /// What it delivers.
  public var formats: [Format]

  /// Whether it delivers a format that we understand.
  public var isUsable: Bool { formats.contains { $0.pixelFormat != nil && !$0.modes.isEmpty } }

  /// The cameras that can be opened now, by ascending number.
  ///
  /// Devices that are no cameras (encoders, radios, metadata) are left out.
  public static func all() -> [CameraDevice] {
    paths().compactMap { path in
      guard let device = try? V4L2Device(path: path), let identity = try? device.identity(),
        identity.captures
      else { return nil }
      return CameraDevice(device, identity)
    }
  }

  /// Every path that may be a camera.
  static func paths() -> [String] {
    V4L2Device.numbers().map { "/dev/video\($0)" }
  }

  init(_ device: borrowing V4L2Device, _ identity: V4L2Device.Identity) {
    path = device.path
    name = identity.name
    driver = identity.driver
    bus = identity.bus
    formats = device.formats()
  }

  /// Creates a description from its parts.
  public init(path: String, name: String, driver: String, bus: String, formats: [Format]) {
    self.path = path
    self.name = name
    self.driver = driver
    self.bus = bus
    self.formats = formats
  }
}
