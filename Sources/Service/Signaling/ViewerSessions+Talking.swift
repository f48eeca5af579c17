// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import WebRTC

extension ViewerSessions {
  /// Lets the peer of `id` speak by what it sends on `transceiver`; `false` without a loudspeaker, for
  /// pictures, and for a second voice.
  func listen(to transceiver: RTCRtpTransceiver, of id: String) -> Bool {
    let track = transceiver.receiver.track
    guard let speaker = sound.speaker, track.kind == .audio, sessions[id]?.voice == nil else {
      return false
    }
    sessions[id]?.voice = transceiver
    speaker.add(track, as: id)
    return true
  }

  /// What the peer of `id` says is no longer played.
  func silence(_ id: String) {
    sessions[id]?.voice = nil
    sound.speaker?.remove(id)
  }

  /// The peer of `id` wants to be heard, or no longer; without a loudspeaker nobody is.
  func talk(_ id: String, _ wants: Bool) {
    guard sessions[id] != nil else { return }
    if wants { sound.speaker?.request(id) } else { sound.speaker?.release(id) }
  }

  /// Calls `body` whenever others are heard or wait than before, as long as the session `id` lives.
  func followTalk(_ id: String, _ body: @escaping @Sendable () -> Void) {
    sessions[id]?.onTalk = body
  }

  /// Tells all who want to know that others are heard or wait.
  func tellTalk() {
    for session in sessions.values { session.onTalk?() }
  }

  /// Who is heard and who waits, as numbers of the peers, and how the peer of `id` stands.
  func talking(for id: String) -> JSONValue {
    let (talkers, waiting) = (sound.speaker?.talkers ?? [], sound.speaker?.waiting ?? [])
    func numbers(_ ids: [String]) -> JSONValue {
      .array(ids.compactMap { sessions[$0] }.map { .integer(Int64(clamping: $0.order)) })
    }
    let standing = talkers.contains(id) ? "talking" : waiting.contains(id) ? "waiting" : "absent"
    return .object([
      "talkers": numbers(talkers), "waiting": numbers(waiting), "you": .string(standing),
    ])
  }
}
