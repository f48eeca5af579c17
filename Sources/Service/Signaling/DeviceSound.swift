// SPDX-License-Identifier: Apache-2.0
internal import JSON
public import WebRTC

/// What the board hears by, and what it speaks through; either may be missing.
public struct DeviceSound: Sendable {
  /// What is sent to every viewer who takes sound.
  public var microphone: AudioSource?
  /// What plays the sound of those who talk to the board.
  public var speaker: Loudspeaker?

  /// Creates the sound of a board.
  public init(microphone: AudioSource? = nil, speaker: Loudspeaker? = nil) {
    self.microphone = microphone
    self.speaker = speaker
  }

  /// What is wrong, a sentence each.
  var problems: [String] { [microphone?.problem, speaker?.problem].compactMap { $0 } }

  /// What the page is told: of each part its problem, or `null` for one that is not there.
  var told: JSONValue {
    func state(_ isThere: Bool, _ problem: String?) -> JSONValue {
      isThere ? .object(["problem": problem.map { .string($0) } ?? .null]) : .null
    }
    return .object([
      "microphone": state(microphone != nil, microphone?.problem),
      "speaker": state(speaker != nil, speaker?.problem),
    ])
  }
}
