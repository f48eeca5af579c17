// SPDX-License-Identifier: Apache-2.0

/// A device as `enumerateDevices` tells it (W3C mediacapture-main section 9.3).
public struct MediaDeviceInfo: Hashable, Sendable {
  /// What a device is for (section 9.4, MediaDeviceKind).
  public enum Kind: String, Sendable {
    /// A microphone.
    case audioInput = "audioinput"
    /// A loudspeaker.
    case audioOutput = "audiooutput"
    /// A camera.
    case videoInput = "videoinput"
  }

  /// The name of what is always there: the test pattern, the test tone and the test meter.
  static let testID = "test"

  /// The device's name in constraints: of a camera its path such as `/dev/video0`, of a sound card's device
  /// ALSA's name for it such as `plughw:CARD=Device,DEV=0`, of what is always there `test`.
  ///
  /// It is what `--camera`, `--microphone` and `--speaker` take. No web page sees it, so it is plain and no
  /// secret.
  public let deviceId: String
  /// The same for all devices of one piece of hardware: where a camera is connected, the name of a sound card.
  public let groupId: String
  /// What the device is for.
  public let kind: Kind
  /// A name for a person.
  public let label: String

  init(deviceId: String, groupId: String, kind: Kind, label: String) {
    self.deviceId = deviceId
    self.groupId = groupId
    self.kind = kind
    self.label = label
  }
}
