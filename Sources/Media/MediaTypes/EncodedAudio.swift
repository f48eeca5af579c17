// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What one packet of audio carries, as the sender's encoder made it.
///
/// Nothing here is decoded: with its number and its timestamp a packet from one peer can be sent to
/// another unchanged.
public struct EncodedAudio: Hashable, Sendable {
  /// The payload of one RTP packet.
  public var bytes: [UInt8]
  /// When its first sample was captured, on the event loop's clock.
  public var captured: Timestamp
  /// Counts the packets as the sender numbered them, so that a gap is a loss.
  public var number: UInt64
  /// The time of its first sample in ticks of the codec's clock, without wraps.
  ///
  /// Only differences mean something: between two packets, the samples from one to the other.
  public var timestamp: Int64
  /// Which codec of the session it came from it is in, 0 to 127.
  public var payloadType: UInt8
  /// The codec that this is.
  public var codec: AudioCodec
  /// Whether sound begins again here after silence that was not sent (RFC 3551 section 4.1).
  public var beginsTalkspurt: Bool

  /// Creates a packet from its parts.
  public init(
    bytes: [UInt8],
    captured: Timestamp,
    number: UInt64,
    timestamp: Int64,
    payloadType: UInt8,
    codec: AudioCodec = .opus,
    beginsTalkspurt: Bool = false
  ) {
    self.bytes = bytes
    self.captured = captured
    self.number = number
    self.timestamp = timestamp
    self.payloadType = payloadType
    self.codec = codec
    self.beginsTalkspurt = beginsTalkspurt
  }
}
