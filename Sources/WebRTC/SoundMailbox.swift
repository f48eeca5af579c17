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

  /// Posts that may wait when the loop is late: more than a second of packets, of which the oldest go.
  private static let maximumPosts = 64

  /// What was asked for at first.
  let configured: OpusConfiguration
  private let encoder: Mutex<SoundEncoder>
  private let waiting = Mutex<[Post]>([])
  private let counted: Mutex<Counters>
  /// Set once, before the thread that posts exists.
  var signal: LoopSignal?

  init(_ encoder: consuming SoundEncoder) {
    configured = encoder.configuration
    counted = Mutex(Counters(configuration: encoder.configuration))
    self.encoder = Mutex(encoder)
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
    let result = encoder.withLock { encoder -> Result<EncodedAudio?, CodecError> in
      do throws(CodecError) {
        return .success(try encoder.encode(block))
      } catch {
        return .failure(error)
      }
    }
    let busy = MediaClock.threadTime - began
    counted.withLock { counted in
      counted.busy += busy
      guard case .success(let packet?) = result else { return }
      counted.packets &+= 1
      counted.bytes &+= UInt64(packet.bytes.count)
    }
    switch result {
    case .success(nil): break
    case .success(let packet?): add(.packet(packet))
    case .failure(let error): add(.failed(error))
    }
  }

  /// Encodes with another bitrate from the next packet on.
  func setBitrate(_ bitrate: Bitrate) {
    let configuration = encoder.withLock { encoder in
      var changed = encoder.configuration
      changed.bitrate = bitrate
      encoder.change(changed)
      return encoder.configuration
    }
    counted.withLock { $0.configuration = configuration }
  }

  /// Encodes sound of `channelCount` channels from now on; what was begun of the old is thrown away.
  func reopen(channelCount: Int) throws(CodecError) {
    let configuration = try encoder.withLock { encoder throws(CodecError) in
      try encoder.reopen(channelCount: channelCount)
      return encoder.configuration
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
