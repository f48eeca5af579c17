// SPDX-License-Identifier: Apache-2.0

/// What a track should and must be like (W3C mediacapture-main section 4.3.7, MediaTrackConstraints).
///
/// The constraints of the first set are members here too: `constraints.width`.
@dynamicMemberLookup
public struct MediaTrackConstraints: Equatable, Sendable {
  /// What must hold, and what would be best.
  public var basic: MediaTrackConstraintSet
  /// Further wishes, the most important first: each set is met as a whole or passed over.
  public var advanced: [MediaTrackConstraintSet]

  /// Creates constraints of `basic` and `advanced`.
  public init(_ basic: MediaTrackConstraintSet, advanced: [MediaTrackConstraintSet] = []) {
    self.basic = basic
    self.advanced = advanced
  }

  /// Creates constraints; what is left out is not constrained.
  public init(
    width: ConstrainULong? = nil,
    height: ConstrainULong? = nil,
    aspectRatio: ConstrainDouble? = nil,
    frameRate: ConstrainDouble? = nil,
    sampleRate: ConstrainULong? = nil,
    channelCount: ConstrainULong? = nil,
    echoCancellation: ConstrainBoolean? = nil,
    deviceId: ConstrainDOMString? = nil,
    groupId: ConstrainDOMString? = nil,
    advanced: [MediaTrackConstraintSet] = []
  ) {
    self.init(
      MediaTrackConstraintSet(
        width: width,
        height: height,
        aspectRatio: aspectRatio,
        frameRate: frameRate,
        sampleRate: sampleRate,
        channelCount: channelCount,
        echoCancellation: echoCancellation,
        deviceId: deviceId,
        groupId: groupId
      ),
      advanced: advanced
    )
  }

  /// A constraint of the first set.
  public subscript<Member>(
    dynamicMember member: WritableKeyPath<MediaTrackConstraintSet, Member>
  ) -> Member {
    get { basic[keyPath: member] }
    set { basic[keyPath: member] = newValue }
  }

  /// Every set, the first one first.
  var sets: [MediaTrackConstraintSet] { [basic] + advanced }
}
