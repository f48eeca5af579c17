// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// Makes one channel of 48,000 frames a second of whatever packets come; for one thread.
///
/// Packets come from peers: what is unusable is refused, and changes nothing.
public struct SoundDecoder: ~Copyable, Sendable {
  /// Frames of the longest packet: 120 ms.
  public static let maximumFrames = OpusDecoder.maximumFrames

  private var opus: OpusDecoder
  private var telephone: G711Decoder
  /// What the last packet was in.
  private var codec = AudioCodec.opus

  /// Opens a decoder.
  ///
  /// - Throws: `CodecError.systemExhausted` where there is no memory.
  public init() throws(CodecError) {
    let opus = try OpusDecoder(channelCount: 1)
    let telephone = try G711Decoder()
    self.opus = opus
    self.telephone = telephone
  }

  /// The frames that `packet` holds, 1 to `maximumFrames`; `nil` where it is unusable.
  public static func frameCount(of packet: EncodedAudio) -> Int? {
    packet.codec == .opus
      ? OpusDecoder.frameCount(of: packet.bytes) : G711Decoder.frameCount(of: packet.bytes)
  }

  /// Decodes `packet` into the beginning of `samples`.
  ///
  /// - Returns: how many frames were written; `nil` where the packet is unusable, or does not fit.
  public mutating func decode(
    _ packet: EncodedAudio,
    into samples: inout MutableSpan<Int16>
  ) -> Int? {
    codec = packet.codec
    guard let law = G711(packet.codec) else { return opus.decode(packet.bytes, into: &samples) }
    return telephone.decode(packet.bytes, as: law, into: &samples)
  }

  /// Fills the beginning of `samples` with what the packet of `frames` frames before `following`, which is
  /// lost, is likely to have been: `OpusDecoder.recover`.
  public mutating func recover(
    before following: EncodedAudio,
    frames: Int,
    into samples: inout MutableSpan<Int16>
  ) -> Int? {
    guard following.codec == .opus, codec == .opus else {
      return conceal(frames: frames, into: &samples)
    }
    return opus.recover(before: following.bytes, frames: frames, into: &samples)
  }

  /// Fills the beginning of `samples` with `frames` frames, a multiple of 2.5 ms up to 120 ms, of what is
  /// likely to have followed.
  public mutating func conceal(frames: Int, into samples: inout MutableSpan<Int16>) -> Int? {
    codec == .opus
      ? opus.conceal(frames: frames, into: &samples)
      : telephone.conceal(frames: frames, into: &samples)
  }
}
