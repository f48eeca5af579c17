// SPDX-License-Identifier: Apache-2.0

/// An open camera or microphone as its tracks know it.
///
/// Lives on the loop's thread.
protocol OpenDevice: AnyObject, Sendable {
  var info: MediaDeviceInfo { get }
  /// What its tracks carry.
  var kind: MediaStreamTrack.Kind { get }
  /// What takes and encodes what it delivers, for all of its tracks.
  var encodedSource: any EncodedSource { get }
  /// What it does now.
  var settings: MediaTrackSettings { get }
  /// What it can do.
  var capabilities: MediaTrackCapabilities { get }
  /// Whether nothing comes for the time being.
  var isMuted: Bool { get }

  /// Waits until it is open.
  func opened() async throws(RTCError)
  /// Whether what it does satisfies `constraints`.
  func check(_ constraints: MediaTrackConstraints) throws(RTCError)
  /// Does what `constraints` ask, for `track`; it goes on as before where that fails.
  func apply(
    _ constraints: MediaTrackConstraints,
    for track: MediaStreamTrack
  ) async throws(RTCError)
  func add(_ track: MediaStreamTrack)
  /// Takes out a track that has ended; the last one closes the device.
  func remove(_ track: MediaStreamTrack)
  /// From now on it hears what `loudspeaker` plays.
  func hear(_ loudspeaker: Loudspeaker?)
  /// Follows what is seen of the device from outside: nothing else tells while it is closed, unused.
  func follow(isPresent: Bool)
}
