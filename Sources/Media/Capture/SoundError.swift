// SPDX-License-Identifier: Apache-2.0

/// Whether sound is taken or played.
public enum SoundDirection: String, Hashable, Sendable {
  /// Sound is taken: a microphone.
  case capture
  /// Sound is played: a loudspeaker.
  case playback

  /// What a person calls a device of this direction.
  var deviceWord: String {
    switch self {
    case .capture: "microphone"
    case .playback: "speaker"
    }
  }
}

/// Why there is no sound, in a sentence that says what to do.
public struct SoundError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with a device.
  public enum Reason: Hashable, Sendable {
    /// alsa-lib is not installed.
    case libraryMissing
    /// There is no such device.
    case deviceMissing
    /// The user may not open the device.
    case deviceForbidden
    /// Another program has the device.
    case deviceBusy
    /// The device was there and is no more.
    case deviceGone
    /// It cannot be made to give or take 16-bit samples at 48,000 a second.
    case formatUnknown
    /// The driver refused a step for a reason of its own.
    case deviceFailed(step: String, reason: String)
    /// The system has no thread or descriptor left.
    case systemExhausted
  }

  /// What was to be opened.
  public let direction: SoundDirection
  /// The device's name.
  public let name: String
  /// What is wrong.
  public let reason: Reason

  init(_ direction: SoundDirection, _ name: String, _ reason: Reason) {
    self.direction = direction
    self.name = name
    self.reason = reason
  }

  /// Whether trying again can help without anybody changing the command.
  public var mayPass: Bool {
    switch reason {
    case .libraryMissing, .systemExhausted: false
    default: true
    }
  }

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    let device = "\(direction.deviceWord) \(name)"
    return switch reason {
    case .libraryMissing:
      "\(device) cannot be used without alsa-lib: install the package libasound2"
    case .deviceMissing:
      "\(device) does not exist: 'porthole devices' lists the sound cards"
    case .deviceForbidden:
      "\(device) may not be opened by this user: add the user to the group 'audio'"
    case .deviceBusy:
      "\(device) is in use by another program: stop that program, or use another device"
    case .deviceGone:
      "\(device) was unplugged: plug it in again"
    case .formatUnknown:
      "\(device) has no sound that can be converted to 48000 Hz with 16 bits: use another device"
    case .deviceFailed(let step, let reason):
      "\(device) failed to \(step) (\(reason)): unplug it and plug it in, or use another"
    case .systemExhausted:
      "the system has no thread or descriptor left for the \(device): raise its limits"
    }
  }
}
