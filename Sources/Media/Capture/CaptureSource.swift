// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// What a source delivered, and what was lost on the way.
public struct CaptureStatistics: Hashable, Sendable {
  /// Pictures delivered.
  public var delivered: UInt64 = 0
  /// Pictures that the driver marked as damaged.
  public var damaged: UInt64 = 0
  /// Pictures that were ready, but not the newest, or for which no memory was left.
  public var superseded: UInt64 = 0
  /// Pictures whose timestamp was not of our clock, or not credible.
  public var undated: UInt64 = 0

  /// Starts at nothing.
  public init() {}
}

/// What delivers pictures, on a thread of its own.
public protocol CaptureSource: ~Copyable {
  /// Size, layout and rate that it delivers; `nil` until a stream's header has been read.
  var format: VideoFormat? { get }

  /// What was delivered and lost since it was opened.
  var statistics: CaptureStatistics { get }

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
