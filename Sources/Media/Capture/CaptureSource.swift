// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// What delivers pictures, on a thread of its own.
public protocol CaptureSource: ~Copyable {
  /// Size, layout and rate that it delivers; `nil` until a stream's header has been read.
  var format: VideoFormat? { get }

  /// Waits for the next picture.
  ///
  /// - Parameters:
  ///   - deadline: when to give up; `nil` is never.
  ///   - wake: ends the wait when it is signalled.
  /// - Returns: the picture, or `nil` when the wait ended without one.
  /// - Throws: why no more pictures will come.
  mutating func nextFrame(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> CapturedFrame?
}
