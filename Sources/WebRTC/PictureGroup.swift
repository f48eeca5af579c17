// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// The last IDR picture and all that follow it, for viewers who join between two IDR pictures.
///
/// Kept only while it is short: a joiner decodes all of it before seeing the present.
struct PictureGroup: Sendable {
  /// How much a joiner may be asked to catch up on.
  private static let maximumTime = Duration.seconds(2)
  private static let maximumBytes = 1 << 20

  private(set) var frames: [EncodedFrame] = []
  private var bytes = 0

  mutating func append(_ frame: EncodedFrame) {
    if frame.isKeyframe {
      frames = [frame]
      bytes = frame.bytes.count
      return
    }
    guard let first = frames.first, let last = frames.last else { return }
    bytes += frame.bytes.count
    guard last.number &+ 1 == frame.number, bytes <= Self.maximumBytes,
      frame.captured - first.captured <= Self.maximumTime
    else { return clear() }
    frames.append(frame)
  }

  mutating func clear() {
    frames = []
    bytes = 0
  }

  /// How much older than the newest picture the IDR picture is; `nil` without one.
  var length: Duration? {
    guard let first = frames.first, let last = frames.last else { return nil }
    return last.captured - first.captured
  }
}
