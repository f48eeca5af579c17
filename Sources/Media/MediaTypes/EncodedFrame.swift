// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One access unit of H.264, encoded once and shared by every viewer.
///
/// Memory grows with frames, never with viewers: a peer keeps a reference and a byte range where
/// others keep packets.
public final class EncodedFrame: Sendable {
  /// The NAL units one after another, without start codes or length fields.
  public let bytes: [UInt8]
  /// Where each NAL unit lies in `bytes`, in decoding order.
  public let nalUnits: [Range<Int>]
  /// When the first line of the picture was captured, on the event loop's clock.
  public let captured: Timestamp
  /// Whether a decoder can start here: an IDR picture with its parameter sets.
  public let isKeyframe: Bool
  /// Counts the encoder's frames from 0, so that a gap can be seen.
  public let number: UInt64

  /// Creates a frame from its NAL units; every range must lie inside `bytes`.
  public init(
    bytes: [UInt8],
    nalUnits: [Range<Int>],
    captured: Timestamp,
    isKeyframe: Bool,
    number: UInt64
  ) {
    self.bytes = bytes
    self.nalUnits = nalUnits
    self.captured = captured
    self.isKeyframe = isKeyframe
    self.number = number
  }
}
