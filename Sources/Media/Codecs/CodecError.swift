// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// Why pictures cannot be encoded, in a sentence that says what to do.
public enum CodecError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The encoder has no preset of this name.
  case presetUnknown(String)
  /// Width or height is odd, or not between 16 and 8,192.
  case sizeUnsuitable(PictureSize)
  /// No level of H.264 up to `maximum` allows this size at this rate.
  case levelExceeded(PictureSize, FrameRate, maximum: H264Level)
  /// The encoder refused to open, for the reason that it gives.
  case encoderRefused(reason: String)
  /// The encoder failed while it encoded a picture.
  case encodingFailed
  /// A picture is of another size or layout than the encoder was opened for.
  case formatChanged(PictureSize, PixelFormat)
  /// Sound is not of the shape that the codec was opened for, or of one that it does not know.
  case soundUnsuitable
  /// The system has no thread or memory left for the encoder.
  case systemExhausted

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .presetUnknown(let name):
      "preset '\(name)' is not one of x264's: use ultrafast, superfast, veryfast or another of them"
    case .sizeUnsuitable(let size):
      "pictures of \(size) cannot be encoded: use an even width and height from 16 to 8192"
    case .levelExceeded(let size, let rate, let maximum):
      "\(size) at \(rate) frames per second is more than H.264 level \(maximum) allows: "
        + "use a smaller size or a lower rate"
    case .encoderRefused(let reason):
      "x264 does not open (\(reason)): use another size, preset or number of threads"
    case .encodingFailed:
      "the encoder failed: restart the program, and report it with its settings"
    case .formatChanged(let size, let format):
      "a picture of \(size) in \(format.rawValue) came to an encoder of another format: open a new one"
    case .soundUnsuitable:
      "sound of this shape cannot be encoded: use 1 or 2 channels and packets of 10 or 20 ms"
    case .systemExhausted:
      "the system has no thread or memory left for the encoder: raise its limits"
    }
  }
}
