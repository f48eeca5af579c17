// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
private import Synchronization
public import Wire

/// A camera that delivers pictures by mapped buffers, all planes in one memory or each in its own.
///
/// NV12 and YU12 are lent as the driver filled them; YUYV is converted to NV12, JPEG decoded to YU12,
/// and their buffers queued again at once.
public struct V4L2Camera: CaptureSource, ~Copyable, Sendable {
  /// The device and its buffers, kept until the last lent picture is back.
  private final class Buffers: PictureOwner {
    let device: V4L2Device
    let memories: [PictureMemory]
    private let isStreaming = Mutex(true)

    init(_ device: consuming V4L2Device, _ memories: [PictureMemory]) {
      self.device = device
      self.memories = memories
    }

    func takeBack(_ slot: Int) {
      isStreaming.withLock { isStreaming in
        // A device that is gone refuses; the thread that waits for its pictures finds out.
        if isStreaming { try? device.queue(slot) }
      }
    }

    func stop() {
      isStreaming.withLock { isStreaming in
        isStreaming = false
        device.stop()
      }
    }
  }

  /// Size, layout and rate that the driver agreed to.
  public let format: VideoFormat?
  /// What was delivered and lost since it was opened.
  public private(set) var statistics = CaptureStatistics()
  private let path: String
  private let shape: CameraPictureShape
  private let color: ColorDescription
  private let buffers: Buffers
  private let converted: PicturePool?
  private let decoder: JPEGDecoder?

  /// Opens the camera at `path` with the format nearest to `request` and starts it.
  public init(path: String, _ request: CameraRequest) throws(CaptureError) {
    try self.init(path: path, request, fourcc: nil)
  }

  /// The same, of the driver's formats only the one called `fourcc`.
  init(path: String, _ request: CameraRequest, fourcc: String?) throws(CaptureError) {
    let device = try V4L2Device(path: path)
    let identity = try device.identity()
    guard identity.captures else { throw .notACamera(path: path) }
    let formats = device.formats().filter { fourcc == nil || $0.fourcc == fourcc }
    guard let choice = CameraFormatChoice.best(of: formats, for: request) else {
      throw .formatUnknown(path: path, offered: formats.map(\.fourcc))
    }
    guard device.hasSignal else { throw .noSignal(path: path) }
    let agreement = try device.setFormat(choice)
    let rate = device.setFrameRate(choice.frameRate)
    let mapped = try device.mapBuffers(4)
    guard mapped.count >= 2, let parts = mapped.first?.parts,
      mapped.allSatisfy({ $0.parts == parts }),
      let shape = CameraPictureShape(agreement, parts)
    else {
      throw .deviceFailed(path: path, step: "allocate buffers", reason: "too few or too small")
    }
    let decoder = try Self.decoder(for: agreement.pixelFormat)
    for slot in mapped.indices { try device.queue(slot) }
    try device.start()

    self.path = path
    self.shape = shape
    format = VideoFormat(
      size: agreement.size,
      pixelFormat: agreement.pixelFormat,
      frameRate: rate
    )
    // What JFIF fixes, whatever the driver says of its bytes.
    let isJPEG = agreement.pixelFormat == .mjpeg
    color = isJPEG ? ColorDescription(isFullRange: true, matrix: .bt601) : agreement.color
    converted = Self.converted(agreement).map { PicturePool($0) }
    self.decoder = decoder
    buffers = Buffers(device, mapped.map(\.memory))
  }

  deinit {
    buffers.stop()
  }

  private static func decoder(for format: PixelFormat) throws(CaptureError) -> JPEGDecoder? {
    guard format == .mjpeg else { return nil }
    guard let decoder = JPEGDecoder() else { throw .systemExhausted }
    return decoder
  }

  /// Where pictures are put that the encoder cannot take as they are.
  private static func converted(_ agreement: V4L2Device.Agreement) -> PictureLayout? {
    switch agreement.pixelFormat {
    case .nv12, .i420: nil
    case .yuyv: PictureLayout(.nv12, size: agreement.size)
    case .mjpeg: JPEGDecoder.layout(agreement.size)
    }
  }

  /// Whether the camera's input has a signal, or cannot tell.
  public var hasSignal: Bool { buffers.device.hasSignal }

  /// Waits for the newest picture.
  public mutating func nextFrame(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> CapturedFrame? {
    while true {
      let event = wake.wait(for: buffers.device.descriptor, until: deadline)
      guard event == .ready || event == .broken else { return nil }
      guard let loan = try dequeueNewest() else {
        guard event != .broken else {
          throw .deviceFailed(path: path, step: "deliver a picture", reason: "it has stopped")
        }
        continue
      }
      guard let frame = lend(loan) else {
        if let deadline, MediaClock.now >= deadline { return nil }
        continue
      }
      statistics.delivered &+= 1
      return frame
    }
  }

  /// A buffer with what the driver said about it.
  private struct Loan: ~Copyable {
    let picture: V4L2Device.Picture
    let buffer: PictureBuffer
  }

  /// Takes all that is ready and keeps the newest; older and damaged pictures go back at once.
  private mutating func dequeueNewest() throws(CaptureError) -> Loan? {
    var newest: Loan?
    while let picture = try buffers.device.dequeue() {
      guard buffers.memories.indices.contains(picture.slot) else { continue }
      let layout = shape.layout(of: picture)
      let buffer = PictureBuffer(
        buffers.memories[picture.slot],
        layout ?? shape.layout,
        slot: picture.slot,
        owner: buffers
      )
      guard !picture.isDamaged, layout != nil else {
        statistics.damaged &+= 1
        continue
      }
      if newest != nil { statistics.superseded &+= 1 }
      newest = Loan(picture: picture, buffer: buffer)
    }
    return newest
  }

  /// The frame of a loan; `nil` when it needs converting and all memory for that is lent.
  private mutating func lend(_ loan: consuming Loan) -> CapturedFrame? {
    let captured = date(of: loan.picture)
    let number = UInt64(loan.picture.sequence)
    guard let converted else {
      return CapturedFrame(loan.buffer, color: color, captured: captured, number: number)
    }
    guard var target = converted.take() else {
      statistics.superseded &+= 1
      return nil
    }
    guard convert(loan.buffer, into: &target) else {
      statistics.damaged &+= 1
      return nil
    }
    return CapturedFrame(target, color: color, captured: captured, number: number)
  }

  /// Decodes or converts; `false` when the picture is damaged.
  private func convert(
    _ source: borrowing PictureBuffer,
    into target: inout PictureBuffer
  ) -> Bool {
    switch decoder {
    case .none:
      PictureConversion.nv12(from: source, into: &target)
      return true
    case .some(let decoder): return decoder.decode(source.plane(0), into: &target) == .decoded
    }
  }

  /// The driver's timestamp, unless it is of another clock or cannot be true.
  ///
  /// Some drivers reckon when the last line will have come, and are a little ahead.
  private mutating func date(of picture: V4L2Device.Picture) -> Timestamp {
    let now = MediaClock.now
    if let captured = picture.captured,
      captured - now < .milliseconds(200), now - captured < .seconds(2)
    {
      return captured
    }
    statistics.undated &+= 1
    return now
  }
}
