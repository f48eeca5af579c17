// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// The last IDR picture and all that follow it, for viewers who join between two IDR pictures.
///
/// Kept only while it is short: a joiner decodes all of it before seeing the present. Longer, where
/// there is no other way to a first picture.
struct PictureGroup: Sendable {
  /// How much a joiner may be asked to catch up on.
  struct Limits: Sendable {
    var time: Duration
    var bytes: Int
    var frames: Int

    /// Of a source that makes an IDR picture when asked to.
    static let short = Limits(time: .seconds(2), bytes: 1 << 20, frames: 1 << 10)
    /// Of a source that comes encoded.
    static let long = Limits(time: .seconds(60), bytes: 8 << 20, frames: 1 << 12)
  }

  var limits = Limits.short
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
    guard last.number &+ 1 == frame.number, bytes <= limits.bytes,
      frames.count < limits.frames, frame.captured - first.captured <= limits.time
    else { return clear() }
    frames.append(frame)
  }

  mutating func clear() {
    frames = []
    bytes = 0
  }

  /// At most `limit` pictures for one who has had all before the one numbered `next`: from the first
  /// on, where that one is gone.
  func portion(from next: UInt64, limit: Int) -> ArraySlice<EncodedFrame> {
    guard let first = frames.first else { return [] }
    let start = next > first.number ? Int(clamping: next &- first.number) : 0
    return frames.dropFirst(start).prefix(max(0, limit))
  }

  /// How much older than the newest picture the IDR picture is; `nil` without one.
  var length: Duration? {
    guard let first = frames.first, let last = frames.last else { return nil }
    return last.captured - first.captured
  }
}
