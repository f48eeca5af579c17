// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
private import Sound
internal import Wire

/// Makes packets of G.711 of a microphone's blocks: one channel at 8,000 samples a second, 20 ms each; for
/// one thread.
public struct G711Encoder: ~Copyable, Sendable {
  /// Samples of a packet (RFC 3551 section 4.2).
  public static let packetSamples = 160
  /// Frames of a block that become one sample.
  private static let ratio = SoundBlock.frameRate / 8000

  private var resampler: Resampler
  /// One channel of the last block.
  private var mixed: [Int16] = []
  private var resampled = [Int16](repeating: 0, count: packetSamples)
  /// What is not sent yet.
  private var samples: [Int16] = []
  /// Where the next block begins if nothing is lost before it.
  private var next: UInt64?
  private var number: UInt64 = 0
  private var isFirst = true

  /// Opens an encoder.
  ///
  /// - Throws: `CodecError.systemExhausted` where there is no memory.
  public init() throws(CodecError) {
    guard let resampler = Resampler(channels: 1, from: SoundBlock.frameRate, to: 8000) else {
      throw .systemExhausted
    }
    self.resampler = resampler
  }

  /// Takes `block`, and answers the packets that it completes, each in all of `laws`.
  ///
  /// Where sound is missing before `block`, what was begun is thrown away.
  public mutating func encode(_ block: SoundBlock, as laws: [G711]) -> [EncodedAudio] {
    if next != block.position {
      samples.removeAll(keepingCapacity: true)
      isFirst = true
    }
    let end = block.position &+ UInt64(block.frameCount)
    next = end
    mix(block)
    resample()
    var packets: [EncodedAudio] = []
    while samples.count >= Self.packetSamples {
      // What the filter holds back was heard that much earlier.
      let waiting = samples.count + resampler.delay
      let age = SoundBlock.duration(of: waiting * Self.ratio - block.frameCount)
      let timestamp = Int64(truncatingIfNeeded: end) / Int64(Self.ratio) &- Int64(samples.count)
      for law in laws {
        packets.append(
          EncodedAudio(
            bytes: samples.prefix(Self.packetSamples).map(law.encode),
            captured: block.time - age,
            number: number,
            timestamp: timestamp,
            payloadType: law.payloadType,
            codec: law.codec,
            beginsTalkspurt: isFirst
          )
        )
      }
      samples.removeFirst(Self.packetSamples)
      number &+= 1
      isFirst = false
    }
    return packets
  }

  private mutating func mix(_ block: SoundBlock) {
    mixed.removeAll(keepingCapacity: true)
    for frame in 0..<block.frameCount {
      let first = frame * block.channelCount
      let sum = block.samples[first..<(first + block.channelCount)].reduce(0) { $0 + Int($1) }
      mixed.append(Int16(clamping: sum / block.channelCount))
    }
  }

  private mutating func resample() {
    let input = mixed
    var output: [Int16] = []
    swap(&output, &resampled)
    defer { swap(&output, &resampled) }
    var place = 0
    while place < input.count {
      var span = output.mutableSpan
      let moved = resampler.resample(input.span.extracting(place..<input.count), into: &span)
      guard moved.read > 0 || moved.written > 0 else { return }
      place += moved.read
      for index in 0..<moved.written { samples.append(span[index]) }
    }
  }
}

extension G711 {
  /// The law of `codec`; `nil` where it is none.
  public init?(_ codec: AudioCodec) { self.init(rawValue: codec.rawValue) }

  /// As descriptions name it.
  public var codec: AudioCodec {
    switch self {
    case .muLaw: .pcmu
    case .aLaw: .pcma
    }
  }

  /// The number that every description may take for known (RFC 3551 section 6).
  var payloadType: UInt8 {
    switch self {
    case .muLaw: 0
    case .aLaw: 8
    }
  }
}
