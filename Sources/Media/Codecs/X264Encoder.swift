// SPDX-License-Identifier: Apache-2.0
private import CX264
public import MediaTypes
internal import Wire

/// An H.264 encoder in software, for one thread; closed when it goes out of scope.
///
/// Every picture that goes in comes out at once, or never where the bitrate is used up. Pictures after
/// the first refer to the one before; an IDR picture, with its parameter sets, is made only when asked
/// for.
@safe public struct X264Encoder: ~Copyable, @unchecked Sendable {
  /// What the encoder has done.
  public struct Statistics: Hashable, Sendable {
    /// Pictures encoded.
    public var frames: UInt64 = 0
    /// IDR pictures among them.
    public var keyframes: UInt64 = 0
    /// Pictures left out because those before have used up the bitrate.
    public var skipped: UInt64 = 0
    /// Bytes of all NAL units.
    public var bytes: UInt64 = 0
    /// Bytes of the largest IDR picture, parameter sets included.
    public var largestKeyframe = 0
    /// Time that the calling thread computed.
    public var busy = Duration.zero
  }

  /// How it was opened; the bitrate is the present one.
  public private(set) var configuration: VideoEncoderConfiguration
  /// What it has done.
  public private(set) var statistics = Statistics()
  /// Sequence and picture parameter set, as NAL units.
  public private(set) var parameterSets: (sps: [UInt8], pps: [UInt8]) = ([], [])
  private let encoder: OpaquePointer
  private var nextNumber: UInt64
  /// Chooses the quantizers, and what it needs to know; `nil` where x264 does.
  private var rate: RateController?
  private var sketch: PictureSketch
  private var lastCaptured: Timestamp?

  /// Opens an encoder.
  ///
  /// - Parameters:
  ///   - configuration: how to encode.
  ///   - firstNumber: the number of the first encoded frame; not 0 where an encoder follows another.
  /// - Throws: which part of the configuration cannot be.
  public init(
    _ configuration: VideoEncoderConfiguration,
    firstNumber: UInt64 = 0
  ) throws(CodecError) {
    let size = configuration.size
    guard size.width % 2 == 0, size.height % 2 == 0, (16...8192).contains(size.width),
      (16...8192).contains(size.height), [.i420, .nv12].contains(configuration.pixelFormat)
    else { throw .sizeUnsuitable(size) }
    guard unsafe configuration.preset.withCString({ unsafe cx264_knows_preset($0) }) != 0 else {
      throw .presetUnknown(configuration.preset)
    }
    guard let level = configuration.level else {
      throw .levelExceeded(size, configuration.frameRate, maximum: configuration.maximumLevel)
    }
    var settings = Self.settings(configuration, level)
    var reason = [CChar](repeating: 0, count: 160)
    let opened = unsafe configuration.preset.withCString { preset in
      unsafe cx264_open(&settings, preset, &reason, Int32(reason.count))
    }
    guard let opened = unsafe opened else {
      let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .encoderRefused(reason: String(decoding: text, as: UTF8.self))
    }
    unsafe encoder = opened
    self.configuration = configuration
    nextNumber = firstNumber
    rate = configuration.choosesQuantizers ? RateController(configuration) : nil
    sketch = PictureSketch(width: size.width, height: size.height)
    var output = cx264_output()
    if unsafe cx264_headers(encoder, &output) >= 0 {
      let headers = collect(Int(output.nal_unit_count))
      for range in headers.ranges {
        switch headers.bytes[range.lowerBound] & 31 {
        case 7: parameterSets.sps = Array(headers.bytes[range])
        case 8: parameterSets.pps = Array(headers.bytes[range])
        default: continue
        }
      }
    }
  }

  deinit {
    unsafe cx264_close(encoder)
  }

  /// Encodes `frame`, as an IDR picture when asked to; the first one always is.
  ///
  /// - Throws: `CodecError.formatChanged` when the frame is of another size or layout than the
  ///   encoder was opened for, `.encodingFailed` when x264 gives up.
  public mutating func encode(
    _ frame: borrowing CapturedFrame,
    forceKeyframe: Bool
  ) throws(CodecError) -> EncodedFrame? {
    guard frame.size == configuration.size, frame.pixelFormat == configuration.pixelFormat else {
      throw .formatChanged(frame.size, frame.pixelFormat)
    }
    let began = MediaClock.threadTime
    defer { statistics.busy += MediaClock.threadTime - began }
    guard let quantizer = quantizer(for: frame, isKeyframe: forceKeyframe) else {
      statistics.skipped &+= 1
      return nil
    }
    var output = cx264_output()
    guard encode(frame.picture, forceKeyframe, quantizer, &output) else { throw .encodingFailed }
    let units = collect(Int(output.nal_unit_count))
    rate?.record(bits: units.bytes.count * 8)
    guard !units.ranges.isEmpty else { return nil }
    let isKeyframe = output.is_idr != 0
    let encoded = EncodedFrame(
      bytes: units.bytes,
      nalUnits: units.ranges,
      captured: frame.captured,
      isKeyframe: isKeyframe,
      number: nextNumber
    )
    nextNumber &+= 1
    statistics.frames &+= 1
    statistics.bytes &+= UInt64(units.bytes.count)
    if isKeyframe {
      statistics.keyframes &+= 1
      statistics.largestKeyframe = max(statistics.largestKeyframe, units.bytes.count)
    }
    return encoded
  }

  /// Changes the bitrate from the next picture on; `false` when x264 refuses it.
  ///
  /// The level stays: a bitrate that it does not allow is refused.
  @discardableResult
  public mutating func setBitrate(_ bitrate: Bitrate) -> Bool {
    var changed = configuration
    changed.bitrate = bitrate
    guard bitrate != configuration.bitrate else { return true }
    guard let needed = changed.level, needed.indication <= profileLevelID.level else {
      return false
    }
    if rate == nil {
      let result = unsafe cx264_set_rate(
        encoder,
        Int32(clamping: changed.kilobitsPerSecond),
        Int32(clamping: changed.bufferKilobits)
      )
      guard result == 0 else { return false }
    }
    rate?.setBitrate(bitrate.bitsPerSecond)
    configuration = changed
    return true
  }

  /// The three bytes of `profile-level-id` (RFC 6184 section 8.1), as the SPS says them.
  public var profileLevelID: (profile: UInt8, constraints: UInt8, level: UInt8) {
    let sps = parameterSets.sps
    return sps.count > 3 ? (sps[1], sps[2], sps[3]) : (0x42, 0xC0, 31)
  }

  /// Warnings and errors that x264 would have printed.
  public var complaints: Int { Int(unsafe cx264_complaints(encoder)) }

  /// The quantizer of `frame`, or 0 where x264 chooses it; `nil` when the bitrate is used up.
  private mutating func quantizer(
    for frame: borrowing CapturedFrame,
    isKeyframe: Bool
  ) -> Int? {
    guard rate != nil else { return 0 }
    let passed = frame.captured - (lastCaptured ?? frame.captured)
    lastCaptured = frame.captured
    let luma = frame.picture.plane(0)
    return rate?.quantizer(
      for: RateController.Picture(
        isKeyframe: isKeyframe || statistics.frames == 0,
        interval: passed.inSeconds,
        impression: sketch.compare(luma, stride: frame.picture.layout.planes[0].stride)
      )
    )
  }

  private func encode(
    _ picture: borrowing PictureBuffer,
    _ forceKeyframe: Bool,
    _ quantizer: Int,
    _ output: inout cx264_output
  ) -> Bool {
    let planes = picture.layout.planes
    let last = planes.count - 1
    let first = picture.plane(0)
    let second = picture.plane(1)
    let third = picture.plane(last)
    return unsafe first.withUnsafeBufferPointer { first in
      unsafe second.withUnsafeBufferPointer { second in
        unsafe third.withUnsafeBufferPointer { third in
          var input = cx264_picture()
          unsafe input.planes = (first.baseAddress, second.baseAddress, third.baseAddress)
          input.strides = (
            Int32(planes[0].stride), Int32(planes[1].stride), Int32(planes[last].stride)
          )
          input.time = Int64(statistics.frames)
          input.force_idr = forceKeyframe ? 1 : 0
          input.quantizer = Int32(quantizer)
          return unsafe cx264_encode(encoder, &input, &output) == 0
        }
      }
    }
  }

  /// Copies the NAL units of the last output, all but SEI, which only names x264's settings.
  private func collect(_ count: Int) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(count)
    var byteCount = 0
    for index in 0..<count {
      byteCount += Int(unsafe cx264_nal_unit_at(encoder, Int32(index)).count)
    }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      for index in 0..<count {
        let unit = unsafe cx264_nal_unit_at(encoder, Int32(index))
        let length = Int(unsafe unit.count)
        guard let start = unsafe unit.bytes, unsafe start[0] & 31 != 6 else { continue }
        unsafe (buffer.baseAddress.map { unsafe $0 + filled })?
          .initialize(from: start, count: length)
        ranges.append(filled..<filled + length)
        filled += length
      }
    }
    return (bytes, ranges)
  }

  private static func settings(
    _ configuration: VideoEncoderConfiguration,
    _ level: H264Level
  ) -> cx264_settings {
    var settings = cx264_settings()
    settings.width = Int32(configuration.size.width)
    settings.height = Int32(configuration.size.height)
    settings.rate_numerator = Int32(clamping: configuration.frameRate.numerator)
    settings.rate_denominator = Int32(clamping: configuration.frameRate.denominator)
    if configuration.choosesQuantizers {
      settings.finest_quantizer = Int32(RateController.finest)
      settings.coarsest_quantizer = Int32(RateController.coarsest)
    }
    settings.kilobits_per_second = Int32(clamping: configuration.kilobitsPerSecond)
    settings.buffer_kilobits = Int32(clamping: configuration.bufferKilobits)
    // x264 plans at most half of what the buffer holds for one picture: a third of a second of
    // bitrate for the first one. It guesses that one's size; pure noise takes nearly half a second.
    settings.buffer_fill = 0.66
    settings.threads = Int32(max(1, min(16, configuration.threads)))
    settings.level = Int32(level.indication)
    settings.is_nv12 = configuration.pixelFormat == .nv12 ? 1 : 0
    settings.is_full_range = configuration.color.isFullRange ? 1 : 0
    settings.color_matrix = Int32(configuration.color.matrix.rawValue)
    return settings
  }
}
