// SPDX-License-Identifier: Apache-2.0

/// The choice among what devices can do (W3C mediacapture-main section 6.2.1, SelectSettings).
///
/// Any device takes part that can list its settings: cameras and microphones alike.
enum SettingsSelection {
  /// The candidate that comes nearest to `constraints`; of equally near ones the first.
  ///
  /// - Throws: `OverconstrainedError`. It names the first constraint that no candidate satisfies; none,
  ///   where each is satisfied by some candidate, but no candidate satisfies all.
  static func best(
    of candidates: [MediaTrackSettings],
    for constraints: MediaTrackConstraints,
    _ kind: MediaStreamTrack.Kind
  ) throws(RTCError) -> Int {
    let fits = candidates.map { settings in
      constraints.basic.fits(settings, kind, bareIsExact: false)
    }
    var left = candidates.indices.filter { fits[$0].distance.isFinite }
    guard !left.isEmpty else { throw overconstrained(fits) }
    for set in constraints.advanced {
      let meeting = left.filter {
        set.fits(candidates[$0], kind, bareIsExact: true).distance.isFinite
      }
      if !meeting.isEmpty { left = meeting }
    }
    let best = left.min { fits[$0].distance < fits[$1].distance }
    guard let best else { throw overconstrained(fits) }
    return best
  }

  private static func overconstrained(_ fits: [[Fit]]) -> RTCError {
    let names = fits.first?.map(\.name) ?? []
    let failed = names.indices.first { index in fits.allSatisfy { !$0[index].distance.isFinite } }
    guard let failed else {
      return RTCError(
        .overconstrained,
        "Each constraint can be satisfied, but not all of them at once: relax one.",
        constraint: ""
      )
    }
    var offered: [String] = []
    for fit in fits {
      if let text = fit[failed].offered, !offered.contains(text) { offered.append(text) }
    }
    let listed = offered.prefix(12).joined(separator: ", ") + (offered.count > 12 ? ", …" : "")
    return RTCError(
      .overconstrained,
      "No device satisfies the constraint \(names[failed]): there is "
        + "\(offered.isEmpty ? "nothing to choose from" : "only \(listed)").",
      constraint: names[failed]
    )
  }

  /// How well a setting satisfies the constraint called `name`.
  struct Fit {
    var name: String
    /// 0 to 1, or infinite where it is refused.
    var distance: Double
    /// The setting, for a message.
    var offered: String?
  }
}

extension [SettingsSelection.Fit] {
  /// The sum of all distances: the fitness distance.
  var distance: Double { reduce(0) { $0 + $1.distance } }
}

extension MediaTrackConstraintSet {
  /// How well `settings` satisfy each constraint that applies to the kind, in a fixed order.
  fileprivate func fits(
    _ settings: MediaTrackSettings,
    _ kind: MediaStreamTrack.Kind,
    bareIsExact: Bool
  ) -> [SettingsSelection.Fit] {
    func number<Number>(
      _ name: String,
      _ constraint: ConstrainNumber<Number>?,
      _ actual: Number?
    ) -> SettingsSelection.Fit {
      SettingsSelection.Fit(
        name: name,
        distance: constraint?.distance(to: actual, bareIsExact: bareIsExact) ?? 0,
        offered: actual.map { "\($0)" }
      )
    }
    func value<Value>(
      _ name: String,
      _ constraint: ConstrainValue<Value>?,
      _ actual: Value?
    ) -> SettingsSelection.Fit {
      SettingsSelection.Fit(
        name: name,
        distance: constraint?.distance(to: actual, bareIsExact: bareIsExact) ?? 0,
        offered: actual.map { "\($0)" }
      )
    }
    let common = [
      value("deviceId", deviceId, settings.deviceId), value("groupId", groupId, settings.groupId),
    ]
    switch kind {
    case .video:
      return common + [
        number("width", width, settings.width), number("height", height, settings.height),
        number("aspectRatio", aspectRatio, settings.aspectRatio),
        number("frameRate", frameRate, settings.frameRate),
      ]
    case .audio:
      return common + [
        number("sampleRate", sampleRate, settings.sampleRate),
        number("channelCount", channelCount, settings.channelCount),
        value("echoCancellation", echoCancellation, settings.echoCancellation),
      ]
    }
  }
}
