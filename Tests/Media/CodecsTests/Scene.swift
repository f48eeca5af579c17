// SPDX-License-Identifier: Apache-2.0
import Capture
import Glibc
import MediaTypes
import Wire

/// Raw pictures for the encoder: a gradient that moves, or noise, which is as hard as can be.
struct Scene {
  let size: PictureSize
  let format: PixelFormat
  var isNoise = false
  private let pool: PicturePool
  private var random = RandomSource.seeded(5)

  init(_ size: PictureSize, _ format: PixelFormat = .i420, isNoise: Bool = false) {
    self.size = size
    self.format = format
    self.isNoise = isNoise
    pool = PicturePool(PictureLayout(format, size: size))
  }

  /// Frame `number`, with the clock of the test pattern showing it.
  mutating func frame(_ number: Int) throws -> CapturedFrame {
    guard var picture = pool.take() else { throw Absent() }
    for (index, plane) in picture.layout.planes.enumerated() {
      var samples = picture.mutablePlane(index)
      for line in 0..<plane.height {
        for column in 0..<plane.width {
          let place = line * plane.stride + column
          samples[place] =
            isNoise
            ? UInt8(truncatingIfNeeded: random.next())
            : UInt8(truncatingIfNeeded: 60 + (line + column / 2 + number * 2) % 128)
        }
      }
    }
    let luma = picture.layout.planes[0]
    for row in 0...1 {
      var samples = picture.mutablePlane(0)
      PictureClock.paint(UInt32(number * (row + 1)), row: row, into: &samples, luma)
    }
    return CapturedFrame(
      picture,
      color: ColorDescription(),
      captured: Timestamp(nanoseconds: Int64(number) * 33_333_333),
      number: UInt64(number)
    )
  }
}

/// The samples of a frame, line by line without gaps, as I420.
func packed(_ frame: borrowing CapturedFrame) -> [UInt8] {
  var bytes: [UInt8] = []
  for (index, plane) in frame.picture.layout.planes.enumerated() {
    let samples = frame.picture.plane(index)
    for line in 0..<plane.height {
      for column in 0..<plane.width { bytes.append(samples[line * plane.stride + column]) }
    }
  }
  guard frame.pixelFormat == .nv12 else { return bytes }
  let luma = frame.size.width * frame.size.height
  let chroma = Array(bytes[luma...])
  return Array(bytes[..<luma]) + stride(from: 0, to: chroma.count, by: 2).map { chroma[$0] }
    + stride(from: 1, to: chroma.count, by: 2).map { chroma[$0] }
}

/// Decodes a stream with start codes by ffmpeg into I420 pictures one after another.
func decode(_ stream: [UInt8]) throws -> [UInt8] {
  let name = "/tmp/porthole-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
  defer {
    unsafe unlink(name + ".h264")
    unsafe unlink(name + ".yuv")
  }
  guard let file = unsafe fopen(name + ".h264", "w") else { throw Absent() }
  unsafe fwrite(stream, 1, stream.count, file)
  unsafe fclose(file)
  let command =
    "ffmpeg -v error -xerror -f h264 -i \(name).h264 -vsync 0 -f rawvideo -pix_fmt yuv420p "
    + "\(name).yuv </dev/null >&2"
  guard unsafe system(command) == 0, let decoded = unsafe fopen(name + ".yuv", "r") else {
    throw Absent()
  }
  defer { unsafe fclose(decoded) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe fread(&chunk, 1, chunk.count, decoded)
    guard count > 0 else { return bytes }
    bytes += chunk[..<count]
  }
}

/// What `#require` does, for values that cannot be copied.
func required<Value: ~Copyable>(_ value: consuming Value?) throws -> Value {
  guard let value else { throw Absent() }
  return value
}

/// A value, a file or a program was missing.
struct Absent: Error {}
