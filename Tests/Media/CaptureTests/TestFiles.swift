// SPDX-License-Identifier: Apache-2.0
import Glibc
import MediaTypes
import Wire

/// A file or FIFO of its own for a test, removed when it goes.
final class TestFile: Sendable {
  let path: String

  /// A regular file with these bytes.
  init(_ bytes: [UInt8], suffix: String = ".y4m") {
    path = Self.path(suffix)
    append(bytes)
  }

  /// A FIFO.
  init() {
    path = Self.path(".fifo")
    unsafe mkfifo(path, 0o600)
  }

  deinit {
    unsafe unlink(path)
  }

  /// Writes at the end; for a FIFO, opens, writes and closes.
  func append(_ bytes: [UInt8]) {
    guard let file = unsafe fopen(path, "a") else { return }
    unsafe fwrite(bytes, 1, bytes.count, file)
    unsafe fclose(file)
  }

  private static func path(_ suffix: String) -> String {
    "/tmp/porthole-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))\(suffix)"
  }
}

/// A stream of `frames` pictures of `size`, the samples of each all equal to its number plus one.
func y4m(
  _ frames: Int,
  size: PictureSize = PictureSize(width: 32, height: 16),
  rate: String = "240:1",
  extra: String = " Ip A1:1 C420jpeg"
) -> [UInt8] {
  var bytes = Array("YUV4MPEG2 W\(size.width) H\(size.height) F\(rate)\(extra)\n".utf8)
  for frame in 0..<frames {
    bytes += Array("FRAME\n".utf8)
    bytes += [UInt8](repeating: UInt8(frame + 1), count: size.width * size.height * 3 / 2)
  }
  return bytes
}

/// What `#require` does, for values that cannot be copied.
func required<Value: ~Copyable>(_ value: consuming Value?) throws -> Value {
  guard let value else { throw Absent() }
  return value
}

/// A value was missing.
struct Absent: Error {}

/// One of `seeds` with a few bits and bytes changed, cut out, repeated or exchanged for another's.
func mutation(of seeds: [[UInt8]], using random: inout RandomSource) -> [UInt8] {
  var bytes = seeds.randomElement(using: &random) ?? []
  for _ in 0..<Int.random(in: 1...5, using: &random) {
    guard !bytes.isEmpty else { return bytes }
    let index = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[index] = .random(in: 0...255, using: &random)
    case 2: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    case 3: bytes.removeLast(bytes.count - index)
    case 4: bytes.remove(at: index)
    case 5: bytes.insert(contentsOf: bytes[index...].prefix(64), at: index)
    default:
      let other = seeds.randomElement(using: &random) ?? []
      bytes.replaceSubrange(index..., with: other.suffix(max(0, other.count - index)))
    }
  }
  return bytes
}
