// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import Codecs
internal import EventLoop
internal import MediaTypes
internal import Synchronization

/// Where a microphone's thread encodes, and leaves what the loop is to fetch.
final class SoundMailbox: @unchecked Sendable {
  enum Post {
    case status(SoundThread.Status)
    case packet(EncodedAudio)
    case failed(CodecError)
  }

  /// What has been encoded.
  struct Counters: Sendable {
    var packets: UInt64 = 0
    var bytes: UInt64 = 0
    var busy = Duration.zero
    /// How it is encoded now.
    var configuration: OpusConfiguration
  }

  /// What encodes, on the microphone's thread.
  private struct Encoders: ~Copyable {
    var opus: SoundEncoder
    var telephone: G711Encoder
    /// Those of which somebody listens.
    var codecs: Set<AudioCodec> = []

    /// The packets that `block` completes.
    mutating func encode(_ block: SoundBlock) throws(CodecError) -> [EncodedAudio] {
      var packets: [EncodedAudio] = []
      let laws = codecs.compactMap { G711($0) }
      if !laws.isEmpty { packets = telephone.encode(block, as: laws) }
      if codecs.contains(.opus), let packet = try opus.encode(block) { packets.append(packet) }
      return packets
    }
  }

  /// Posts that may wait when the loop is late: more than a second of packets, of which the oldest go.
  private static let maximumPosts = 64

  /// What was asked for at first.
  let configured: OpusConfiguration
  private let encoders: Mutex<Encoders>
  private let waiting = Mutex<[Post]>([])
  private let counted: Mutex<Counters>
  /// Set once, before the thread that posts exists.
  var signal: LoopSignal?

  /// Opens the encoders.
  ///
  /// - Throws: what is wrong with `configuration`.
  init(_ configuration: OpusConfiguration) throws(CodecError) {
    let opus = try SoundEncoder(configuration)
    let telephone = try G711Encoder()
    configured = configuration
    counted = Mutex(Counters(configuration: configuration))
    encoders = Mutex(Encoders(opus: opus, telephone: telephone))
  }

  var counters: Counters { counted.withLock { $0 } }

  /// Everything posted since the last call, in order.
  func posts() -> [Post] {
    waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }

  func post(_ status: SoundThread.Status) { add(.status(status)) }

  /// Encodes `block`, on the microphone's thread.
  func take(_ block: SoundBlock) {
    let began = MediaClock.threadTime
    let result = encoders.withLock { encoders -> Result<[EncodedAudio], CodecError> in
      do throws(CodecError) {
        return .success(try encoders.encode(block))
      } catch {
        return .failure(error)
      }
    }
    let busy = MediaClock.threadTime - began
    counted.withLock { counted in
      counted.busy += busy
      guard case .success(let packets) = result else { return }
      counted.packets &+= UInt64(packets.count)
      for packet in packets { counted.bytes &+= UInt64(packet.bytes.count) }
    }
    switch result {
    case .success(let packets): for packet in packets { add(.packet(packet)) }
    case .failure(let error): add(.failed(error))
    }
  }

  /// Encodes with these codecs, and no others.
  func setCodecs(_ codecs: Set<AudioCodec>) { encoders.withLock { $0.codecs = codecs } }

  /// Encodes Opus so from the next packet on.
  func change(_ configuration: OpusConfiguration) {
    let configuration = encoders.withLock { encoders in
      encoders.opus.change(configuration)
      return encoders.opus.configuration
    }
    counted.withLock { $0.configuration = configuration }
  }

  /// Encodes sound of `channelCount` channels from now on; what was begun of the old is thrown away.
  func reopen(channelCount: Int) throws(CodecError) {
    let configuration = try encoders.withLock { encoders throws(CodecError) in
      try encoders.opus.reopen(channelCount: channelCount)
      return encoders.opus.configuration
    }
    counted.withLock { $0.configuration = configuration }
  }

  private func add(_ post: Post) {
    waiting.withLock { waiting in
      if waiting.count >= Self.maximumPosts {
        let oldest = waiting.firstIndex { if case .packet = $0 { true } else { false } }
        waiting.remove(at: oldest ?? 0)
      }
      waiting.append(post)
    }
    signal?.trigger()
  }
}
