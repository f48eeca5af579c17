// SPDX-License-Identifier: Apache-2.0

/// Whole numbers that a device can do (W3C mediacapture-main section 11.1, ULongRange).
public typealias ULongRange = MediaTrackRange<Int>
/// Numbers that a device can do (section 11.1, DoubleRange).
public typealias DoubleRange = MediaTrackRange<Double>

/// From the least to the most; not everything between them need be possible.
public struct MediaTrackRange<Number: Comparable & Sendable>: Equatable, Sendable {
  /// The least.
  public var min: Number
  /// The most.
  public var max: Number

  /// Creates the range of `numbers`; `nil` when there are none.
  init?(_ numbers: some Sequence<Number>) {
    guard let min = numbers.min(), let max = numbers.max() else { return nil }
    self.min = min
    self.max = max
  }
}

/// What a track's device can do (W3C mediacapture-main section 4.3.8, MediaTrackCapabilities).
///
/// A member is `nil` where it does not apply to the device or is not known.
public struct MediaTrackCapabilities: Equatable, Sendable {
  /// Samples in a line.
  public var width: ULongRange?
  /// Lines in a picture.
  public var height: ULongRange?
  /// Width by height.
  public var aspectRatio: DoubleRange?
  /// Pictures per second.
  public var frameRate: DoubleRange?
  /// Sound samples per second.
  public var sampleRate: ULongRange?
  /// Channels of sound.
  public var channelCount: ULongRange?
  /// The positions of the switch that takes the loudspeaker out of the microphone's sound.
  public var echoCancellation: [Bool]?
  /// The device, by the name that `enumerateDevices` gives it.
  public var deviceId: String?
  /// The piece of hardware that the device is part of.
  public var groupId: String?

  /// Creates capabilities of which nothing is known.
  init() {}
}
