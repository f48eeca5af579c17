// SPDX-License-Identifier: Apache-2.0
private import CV4L2
internal import MediaTypes
internal import Wire

/// An open V4L2 device node; closed when it goes out of scope.
struct V4L2Device: ~Copyable, Sendable {
  /// What the driver says it is.
  struct Identity: Hashable {
    var name: String
    var driver: String
    var bus: String
    var captures: Bool
  }

  /// What the driver agreed to deliver.
  struct Agreement: Hashable {
    var pixelFormat: PixelFormat
    var size: PictureSize
    /// Bytes from line to line of the first plane in each of the memories that a picture lies in.
    var strides: [Int]
    var color: ColorDescription
  }

  /// A buffer in our address space.
  struct MappedBuffer {
    var memory: PictureMemory
    /// Where its memories lie in `memory`: one, or one for each plane.
    var parts: [Range<Int>]
  }

  /// A filled buffer.
  struct Picture: Hashable {
    var slot: Int
    /// Bytes that were filled of each memory.
    var byteCounts: [Int]
    /// Where the samples begin in each memory.
    var starts: [Int]
    var sequence: UInt32
    /// `nil` when the driver's timestamps are of another clock.
    var captured: Timestamp?
    var isDamaged: Bool
  }

  /// The path that was opened.
  let path: String
  /// For `WakeDescriptor.wait`.
  let descriptor: Int32
  /// In which of V4L2's two ways it takes pictures.
  private let kind: Int32

  init(path: String) throws(CaptureError) {
    let opened = unsafe path.withCString { unsafe cv4l2_open($0) }
    guard opened >= 0 else {
      switch -opened {
      case 2, 6, 19: throw .deviceMissing(path: path, available: CameraDevice.paths())
      case 1, 13: throw .deviceForbidden(path: path)
      case 16: throw .deviceBusy(path: path)
      default: throw .deviceFailed(path: path, step: "open", reason: Self.reason(opened))
      }
    }
    self.path = path
    descriptor = opened
    var found = cv4l2_identity()
    kind = unsafe cv4l2_identify(opened, &found) >= 0 ? found.kind : 0
  }

  deinit {
    cv4l2_close(descriptor)
  }

  /// The numbers N of all /dev/videoN, ascending.
  static func numbers() -> [Int] {
    var numbers = [Int32](repeating: 0, count: 64)
    let count = unsafe cv4l2_list(&numbers, Int32(numbers.count))
    return numbers.prefix(Int(max(0, count))).map(Int.init)
  }

  func identity() throws(CaptureError) -> Identity {
    var found = cv4l2_identity()
    guard unsafe cv4l2_identify(descriptor, &found) >= 0 else { throw .notACamera(path: path) }
    return Identity(
      name: Self.text(of: found.name),
      driver: Self.text(of: found.driver),
      bus: Self.text(of: found.bus),
      captures: found.kind != 0
    )
  }

  /// Whether the selected input has a signal, or cannot tell.
  var hasSignal: Bool { cv4l2_has_signal(descriptor) != 0 }

  /// Formats, sizes and rates; at most 256 formats of 64 sizes of 64 rates are asked for.
  func formats() -> [CameraDevice.Format] {
    var formats: [CameraDevice.Format] = []
    var found = cv4l2_pixel_format()
    for index in Int32(0)..<256 {
      guard unsafe cv4l2_pixel_format_at(descriptor, kind, index, &found) >= 0 else { break }
      // The highest bit marks the big-endian kin of a layout.
      let letters = (0..<4).map { UInt8(truncatingIfNeeded: found.fourcc >> ($0 * 8)) & 0x7F }
      formats.append(
        CameraDevice.Format(
          fourcc: String(decoding: letters, as: UTF8.self) + (found.fourcc >> 31 == 1 ? "-BE" : ""),
          modes: modes(of: found.fourcc)
        )
      )
    }
    return formats
  }

  private func modes(of fourcc: UInt32) -> [CameraDevice.Mode] {
    var modes: [CameraDevice.Mode] = []
    var found = cv4l2_sizes()
    for index in Int32(0)..<64 {
      guard unsafe cv4l2_sizes_at(descriptor, fourcc, index, &found) >= 0 else { break }
      let low = PictureSize(width: Int(found.minimum_width), height: Int(found.minimum_height))
      let high = PictureSize(width: Int(found.maximum_width), height: Int(found.maximum_height))
      let step = PictureSize(width: Int(found.width_step), height: Int(found.height_step))
      modes.append(
        CameraDevice.Mode(
          sizes: low == high ? .exactly(low) : .range(low, high, step: step),
          frameRates: frameRates(of: fourcc, high)
        )
      )
    }
    return modes
  }

  private func frameRates(of fourcc: UInt32, _ size: PictureSize) -> [FrameRate] {
    var rates: [FrameRate] = []
    var found = cv4l2_intervals()
    for index in Int32(0)..<64 {
      let result = unsafe cv4l2_intervals_at(
        descriptor,
        fourcc,
        UInt32(size.width),
        UInt32(size.height),
        index,
        &found
      )
      guard result >= 0 else { break }
      guard found.numerator > 0, found.denominator > 0 else { continue }
      rates.append(FrameRate(Int(found.denominator), per: Int(found.numerator)))
    }
    return rates.sorted { $0.perSecond > $1.perSecond }
  }

  /// Sets size and layout; the driver may take another size.
  func setFormat(_ choice: CameraFormatChoice) throws(CaptureError) -> Agreement {
    var wanted = cv4l2_picture_format()
    wanted.width = UInt32(clamping: choice.size.width)
    wanted.height = UInt32(clamping: choice.size.height)
    for letter in choice.fourcc.utf8.reversed() {
      wanted.fourcc = wanted.fourcc << 8 | UInt32(letter)
    }
    let fourcc = wanted.fourcc
    try check(unsafe cv4l2_set_format(descriptor, kind, &wanted), "set its format")
    let size = PictureSize(width: Int(wanted.width), height: Int(wanted.height))
    guard wanted.fourcc == fourcc, (1...16384).contains(size.width),
      (1...16384).contains(size.height)
    else { throw .deviceFailed(path: path, step: "set its format", reason: "it took another one") }
    let strides = [wanted.strides.0, wanted.strides.1, wanted.strides.2]
    return Agreement(
      pixelFormat: choice.pixelFormat,
      size: size,
      strides: strides.prefix(Int(wanted.memory_count)).map { Int(min($0, 1 << 20)) },
      color: ColorDescription(
        isFullRange: wanted.is_full_range != 0,
        matrix: ColorDescription.Matrix(rawValue: Int(wanted.color_matrix)) ?? .unspecified
      )
    )
  }

  /// Sets the rate; answers the one that the driver took, the wish when it cannot tell.
  ///
  /// After `setFormat`: drivers forget their interval there.
  func setFrameRate(_ wish: FrameRate) -> FrameRate {
    var numerator = UInt32(clamping: wish.denominator)
    var denominator = UInt32(clamping: wish.numerator)
    let result = unsafe cv4l2_set_interval(descriptor, kind, &numerator, &denominator)
    guard result >= 0, numerator > 0, denominator > 0 else { return wish }
    return FrameRate(Int(denominator), per: Int(numerator))
  }

  /// Makes the driver allocate buffers, and maps them.
  func mapBuffers(_ count: Int) throws(CaptureError) -> [MappedBuffer] {
    let granted = try check(
      cv4l2_request_buffers(descriptor, kind, Int32(count)),
      "allocate buffers"
    )
    var buffers: [MappedBuffer] = []
    for index in 0..<granted {
      var found = unsafe cv4l2_mapped()
      try check(unsafe cv4l2_map(descriptor, kind, index, &found), "map its buffers")
      guard let start = unsafe found.start else { break }
      let memory = unsafe PictureMemory(adopting: start, byteCount: found.byte_count) {
        unsafe cv4l2_unmap($0, $1)
      }
      let (offsets, counts) = unsafe (found.offsets, found.byte_counts)
      let parts = [(offsets.0, counts.0), (offsets.1, counts.1), (offsets.2, counts.2)]
      buffers.append(
        MappedBuffer(memory: memory, parts: parts.filter { $0.1 > 0 }.map { $0..<$0 + $1 })
      )
    }
    return buffers
  }

  func queue(_ slot: Int) throws(CaptureError) {
    try check(cv4l2_queue(descriptor, kind, Int32(slot)), "queue a buffer")
  }

  /// The next filled buffer; `nil` when none is ready.
  func dequeue() throws(CaptureError) -> Picture? {
    var found = cv4l2_dequeued()
    let result = unsafe cv4l2_dequeue(descriptor, kind, &found)
    guard result != -11 else { return nil }
    try check(result, "deliver a picture")
    let (counts, starts) = (found.byte_counts, found.starts)
    return Picture(
      slot: Int(found.index),
      byteCounts: [Int(counts.0), Int(counts.1), Int(counts.2)],
      starts: [Int(starts.0), Int(starts.1), Int(starts.2)],
      sequence: found.sequence,
      captured: found.captured > 0 ? Timestamp(nanoseconds: found.captured) : nil,
      isDamaged: found.is_damaged != 0
    )
  }

  func start() throws(CaptureError) {
    try check(cv4l2_start(descriptor, kind), "start")
  }

  func stop() {
    _ = cv4l2_stop(descriptor, kind)
  }

  /// Throws what a negative errno means.
  @discardableResult
  private func check(_ result: Int32, _ step: String) throws(CaptureError) -> Int32 {
    guard result < 0 else { return result }
    switch -result {
    case 16: throw .deviceBusy(path: path)
    case 19, 6: throw .deviceGone(path: path)
    case 67: throw .noSignal(path: path)
    default:
      // A device that is gone may fail with EIO or EINVAL first.
      guard (try? identity()) != nil else { throw .deviceGone(path: path) }
      throw .deviceFailed(path: path, step: step, reason: Self.reason(result))
    }
  }

  private static func reason(_ code: Int32) -> String {
    guard let text = unsafe cv4l2_reason(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  /// The text of a C array of characters, up to its zero.
  private static func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
