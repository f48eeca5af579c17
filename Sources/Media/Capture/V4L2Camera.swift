// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
private import Synchronization
public import Wire

/// A camera that delivers pictures by mapped buffers, one plane at a time.
///
/// NV12 and YU12 are lent as the driver filled them; YUYV is converted to NV12 and its buffer
/// queued again at once.
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
  private let layout: PictureLayout
  private let color: ColorDescription
  private let buffers: Buffers
  private let converted: PicturePool?

  /// Opens the camera at `path` with the format nearest to `request` and starts it.
  public init(path: String, _ request: CameraRequest) throws(CaptureError) {
    let device = try V4L2Device(path: path)
    let identity = try device.identity()
    guard identity.captures || identity.isMultiplanar else { throw .notACamera(path: path) }
    let formats = identity.captures ? device.formats() : []
    guard let choice = CameraFormatChoice.best(of: formats, for: request) else {
      let offered = identity.captures ? formats.map(\.fourcc) : ["pictures in several planes"]
      throw .formatUnknown(path: path, offered: offered)
    }
    guard device.hasSignal else { throw .noSignal(path: path) }
    let agreement = try device.setFormat(choice.pixelFormat, choice.size)
    let rate = device.setFrameRate(choice.frameRate)
    let memories = try device.mapBuffers(4)
    let needed = agreement.layout.byteCount
    guard memories.count >= 2, memories.allSatisfy({ $0.byteCount >= needed }) else {
      throw .deviceFailed(path: path, step: "allocate buffers", reason: "too few or too small")
    }
    for slot in memories.indices { try device.queue(slot) }
    try device.start()

    self.path = path
    layout = agreement.layout
    color = agreement.color
    format = VideoFormat(
      size: layout.size,
      pixelFormat: layout.pixelFormat,
      frameRate: rate
    )
    converted =
      layout.pixelFormat == .yuyv
      ? PicturePool(PictureLayout(.nv12, size: layout.size)) : nil
    buffers = Buffers(device, memories)
  }

  deinit {
    buffers.stop()
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
      guard let frame = lend(loan) else { continue }
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
      let buffer = PictureBuffer(
        buffers.memories[picture.slot],
        layout,
        slot: picture.slot,
        owner: buffers
      )
      guard !picture.isDamaged, picture.byteCount >= leastByteCount else {
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
    PictureConversion.nv12(from: loan.buffer, into: &target)
    return CapturedFrame(target, color: color, captured: captured, number: number)
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

  /// Bytes that a picture has at least, whatever the driver adds at its end.
  private var leastByteCount: Int {
    guard let last = layout.planes.last else { return 0 }
    return last.offset + last.byteCount
  }
}
