// SPDX-License-Identifier: Apache-2.0
private import COpus
internal import MediaTypes

/// An Opus decoder, for one thread; closed when it goes out of scope.
///
/// Packets come from peers: what is no Opus is refused, and changes nothing.
@safe public struct OpusDecoder: ~Copyable, @unchecked Sendable {
  /// Frames of the longest packet: 120 ms (RFC 6716 section 2.1.4).
  public static let maximumFrames = SoundBlock.frameRate * 120 / 1000

  /// Channels that it delivers, whatever the packets have.
  public let channelCount: Int
  private let decoder: UnsafeMutableRawPointer

  /// Opens a decoder that delivers `channelCount` channels, 1 or 2.
  ///
  /// - Throws: `CodecError.soundUnsuitable` for any other number, `.systemExhausted` where there is no memory.
  public init(channelCount: Int) throws(CodecError) {
    guard (1...2).contains(channelCount) else { throw .soundUnsuitable }
    guard let opened = unsafe copus_decoder_open(Int32(channelCount)) else {
      throw .systemExhausted
    }
    unsafe decoder = opened
    self.channelCount = channelCount
  }

  deinit {
    unsafe copus_decoder_close(decoder)
  }

  /// The frames that `packet` holds, 1 to `maximumFrames`; `nil` where it is no Opus.
  public static func frameCount(of packet: [UInt8]) -> Int? {
    let count = unsafe copus_frame_count(packet, Int32(clamping: packet.count))
    return (1...Int32(maximumFrames)).contains(count) ? Int(count) : nil
  }

  /// Decodes `packet` into the beginning of `samples`, the channels of one moment beside each other.
  ///
  /// - Returns: how many frames were written; `nil` where the packet is no Opus, or does not fit.
  public mutating func decode(_ packet: [UInt8], into samples: inout MutableSpan<Int16>) -> Int? {
    guard !packet.isEmpty else { return nil }
    return decode(packet, into: &samples, frames: samples.count / channelCount, usesFEC: false)
  }

  /// Fills the beginning of `samples` with what the packet of `frames` frames before `following`, which is
  /// lost, is likely to have been, by what `following` tells of it.
  ///
  /// Call it before `following` itself is decoded. `frames` is a multiple of 2.5 ms. Where `following` tells
  /// nothing, this is `conceal`.
  public mutating func recover(
    before following: [UInt8],
    frames: Int,
    into samples: inout MutableSpan<Int16>
  ) -> Int? {
    guard !following.isEmpty, frames <= samples.count / channelCount else { return nil }
    return decode(following, into: &samples, frames: frames, usesFEC: true)
  }

  /// Fills the beginning of `samples` with `frames` frames, a multiple of 2.5 ms up to 120 ms, of what is
  /// likely to have followed.
  public mutating func conceal(frames: Int, into samples: inout MutableSpan<Int16>) -> Int? {
    guard frames <= samples.count / channelCount else { return nil }
    return decode([], into: &samples, frames: frames, usesFEC: false)
  }

  private mutating func decode(
    _ packet: [UInt8],
    into samples: inout MutableSpan<Int16>,
    frames: Int,
    usesFEC: Bool
  ) -> Int? {
    guard frames > 0 else { return nil }
    let count = unsafe samples.withUnsafeMutableBufferPointer { samples in
      unsafe copus_decode(
        decoder,
        packet,
        Int32(clamping: packet.count),
        samples.baseAddress,
        Int32(clamping: min(frames, Self.maximumFrames)),
        usesFEC ? 1 : 0
      )
    }
    return count > 0 ? Int(count) : nil
  }
}
