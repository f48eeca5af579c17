// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
internal import Wire

/// Makes packets of Opus of a microphone's blocks, for one thread; the packets are for all peers.
public struct SoundEncoder: ~Copyable, Sendable {
  private var opus: OpusEncoder
  private var samples: [Int16] = []
  /// Where the first sample in `samples` lies.
  private var start: (position: UInt64, time: Timestamp) = (0, .distantPast)
  private var number: UInt64 = 0
  /// Whether the packet before was not sent, or is none.
  private var isSilent = true

  /// Opens an encoder.
  ///
  /// - Throws: what `OpusEncoder` throws.
  public init(_ configuration: OpusConfiguration) throws(CodecError) {
    opus = try OpusEncoder(configuration)
    samples.reserveCapacity(configuration.packetFrames * configuration.channelCount)
  }

  /// How it encodes now.
  public var configuration: OpusConfiguration { opus.configuration }

  /// Changes how it encodes, as `OpusEncoder.change` does.
  @discardableResult
  public mutating func change(_ configuration: OpusConfiguration) -> Bool {
    opus.change(configuration)
  }

  /// Goes on with sound of `channelCount` channels; packets are numbered on.
  ///
  /// - Throws: what `OpusEncoder` throws; then nothing changes.
  public mutating func reopen(channelCount: Int) throws(CodecError) {
    var changed = configuration
    changed.channelCount = channelCount
    opus = try OpusEncoder(changed)
    samples = []
    samples.reserveCapacity(changed.packetFrames * channelCount)
    isSilent = true
  }

  /// Takes `block`, half of a packet or a whole one, and answers the packet that it completes.
  ///
  /// Where sound is missing before `block`, what was begun is thrown away. Packets that are not sent,
  /// because of silence, leave a gap of time and none of numbers.
  ///
  /// - Throws: `CodecError.soundUnsuitable` for a block of other channels than the encoder's, or that
  ///   completes no packet at its end; `.encodingFailed` when Opus gives up.
  public mutating func encode(_ block: SoundBlock) throws(CodecError) -> EncodedAudio? {
    guard block.channelCount == configuration.channelCount else { throw .soundUnsuitable }
    let begun = UInt64(samples.count / block.channelCount)
    if begun == 0 || block.position != start.position &+ begun {
      samples.removeAll(keepingCapacity: true)
      start = (block.position, block.time)
    }
    samples += block.samples
    guard samples.count >= configuration.packetFrames * block.channelCount else { return nil }
    var whole: [Int16] = []
    swap(&whole, &samples)
    defer {
      whole.removeAll(keepingCapacity: true)
      swap(&whole, &samples)
    }
    let packet = try opus.encode(whole.span)
    defer { isSilent = packet == nil }
    guard let packet else { return nil }
    defer { number &+= 1 }
    return EncodedAudio(
      bytes: packet,
      captured: start.time,
      number: number,
      timestamp: Int64(truncatingIfNeeded: start.position),
      payloadType: 0,
      beginsTalkspurt: isSilent
    )
  }
}
