// SPDX-License-Identifier: Apache-2.0
private import COpus
internal import MediaTypes

/// An Opus encoder, for one thread; closed when it goes out of scope.
@safe public struct OpusEncoder: ~Copyable, @unchecked Sendable {
  /// Bytes of the largest packet: one datagram holds it.
  private static let maximumPacketSize = 1000

  /// How it encodes now.
  public private(set) var configuration: OpusConfiguration
  private let encoder: UnsafeMutableRawPointer
  private var packet = [UInt8](repeating: 0, count: maximumPacketSize)

  /// Opens an encoder.
  ///
  /// - Throws: `CodecError.soundUnsuitable` where a part of the configuration cannot be,
  ///   `.systemExhausted` where there is no memory.
  public init(_ configuration: OpusConfiguration) throws(CodecError) {
    guard (1...2).contains(configuration.channelCount),
      [10, 20].contains(configuration.packetTime)
    else { throw .soundUnsuitable }
    let isForVoice: Int32 = configuration.isForVoice ? 1 : 0
    guard
      let opened = unsafe copus_encoder_open(Int32(configuration.channelCount), isForVoice)
    else { throw .systemExhausted }
    guard unsafe Self.set(configuration, of: opened) else {
      unsafe copus_encoder_close(opened)
      throw .soundUnsuitable
    }
    unsafe encoder = opened
    self.configuration = configuration
  }

  deinit {
    unsafe copus_encoder_close(encoder)
  }

  /// Encodes one packet's worth of samples, the channels of one moment beside each other.
  ///
  /// - Returns: the packet; `nil` where it need not be sent, because of silence.
  /// - Throws: `CodecError.soundUnsuitable` where `samples` are not `configuration.packetFrames` frames,
  ///   `.encodingFailed` when Opus gives up.
  public mutating func encode(_ samples: Span<Int16>) throws(CodecError) -> [UInt8]? {
    let frames = configuration.packetFrames
    guard samples.count == frames * configuration.channelCount else { throw .soundUnsuitable }
    let count = unsafe samples.withUnsafeBufferPointer { samples in
      unsafe packet.withUnsafeMutableBufferPointer { packet in
        unsafe copus_encode(
          encoder,
          samples.baseAddress,
          Int32(frames),
          packet.baseAddress,
          Int32(packet.count)
        )
      }
    }
    guard count >= 0 else { throw .encodingFailed }
    return count > 2 ? Array(packet.prefix(Int(count))) : nil
  }

  /// Changes how it encodes from the next packet on; `false`, and nothing changes, when Opus refuses it.
  ///
  /// Channels and purpose stay as they are.
  @discardableResult
  public mutating func change(_ configuration: OpusConfiguration) -> Bool {
    var changed = configuration
    changed.channelCount = self.configuration.channelCount
    changed.isForVoice = self.configuration.isForVoice
    guard changed != self.configuration else { return true }
    guard [10, 20].contains(changed.packetTime), unsafe Self.set(changed, of: encoder) else {
      _ = unsafe Self.set(self.configuration, of: encoder)
      return false
    }
    self.configuration = changed
    return true
  }

  private static func set(
    _ configuration: OpusConfiguration,
    of encoder: UnsafeMutableRawPointer
  ) -> Bool {
    var settings = copus_settings()
    settings.bits_per_second = Int32(clamping: configuration.bitrate.bitsPerSecond)
    settings.complexity = Int32(clamping: configuration.complexity)
    settings.expected_loss = Int32(clamping: configuration.expectedLoss)
    settings.uses_fec = configuration.usesForwardErrorCorrection ? 1 : 0
    settings.uses_dtx = configuration.skipsSilence ? 1 : 0
    settings.is_mono = configuration.isMixedDown ? 1 : 0
    return unsafe copus_encoder_set(encoder, &settings) == 0
  }
}
