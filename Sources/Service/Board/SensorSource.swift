// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// Where a value is read.
///
/// Reading may block for as long as a device pleases.
enum SensorSource: Equatable, Sendable {
  /// The number at the beginning of a file, multiplied, then added to.
  case file(path: String, scale: Double, offset: Double)
  /// The load average of the last minute (proc_loadavg(5)).
  case load(path: String)
  /// The part of the memory that programs cannot have any more, in percent (proc_meminfo(5)).
  case memory(path: String)
  /// The signal of a wireless interface in dBm, as /proc/net/wireless tells it.
  case wireless(path: String, interface: String)

  /// Most bytes that are read of a file.
  private static let limit = 8192

  /// The value, or a sentence that says why there is none.
  func read() -> Result<Double, SensorFailure> {
    switch self {
    case .file(let path, let scale, let offset):
      return Self.bytes(path).flatMap { bytes in
        guard let number = SensorText.leadingNumber(bytes) else {
          return .failure(SensorFailure("\(path) does not begin with a number"))
        }
        return .success(number * scale + offset)
      }
    case .load(let path):
      return Self.bytes(path).flatMap { bytes in
        SensorText.leadingNumber(bytes).map { .success($0) } ?? .failure(Self.unknown(path))
      }
    case .memory(let path):
      return Self.bytes(path).flatMap { bytes in
        guard let total = SensorText.number(after: "MemTotal:", in: bytes), total > 0,
          let available = SensorText.number(after: "MemAvailable:", in: bytes)
        else { return .failure(Self.unknown(path)) }
        return .success(((total - available) / total * 1000).rounded() / 10)
      }
    case .wireless(let path, let interface):
      return Self.bytes(path).flatMap { bytes in
        guard let level = SensorText.wirelessLevels(bytes).first(where: { $0.name == interface })
        else { return .failure(SensorFailure("\(interface) is not connected")) }
        return .success(level.level)
      }
    }
  }

  private static func bytes(_ path: String) -> Result<[UInt8], SensorFailure> {
    do throws(LocalFile.Failure) {
      guard let bytes = try LocalFile.read(path, limit: limit) else {
        return .failure(SensorFailure("\(path) is not there"))
      }
      return .success(bytes)
    } catch {
      return .failure(SensorFailure(error.description))
    }
  }

  private static func unknown(_ path: String) -> SensorFailure {
    SensorFailure("\(path) is not as expected")
  }
}

/// Why a sensor could not be read.
struct SensorFailure: Error, Hashable, Sendable {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

/// Numbers in the text files of the kernel.
enum SensorText {
  /// The number that `bytes` begin with, behind blanks.
  static func leadingNumber(_ bytes: some Sequence<UInt8>) -> Double? {
    let word = bytes.drop { isBlank($0) }.prefix { !isBlank($0) }
    guard let value = Double(String(decoding: Array(word.prefix(64)), as: UTF8.self)),
      value.isFinite
    else { return nil }
    return value
  }

  /// The number behind `word` where a line begins with that.
  static func number(after word: String, in bytes: [UInt8]) -> Double? {
    let line = bytes.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: word.utf8) }
    return line.flatMap { leadingNumber($0.dropFirst(word.utf8.count)) }
  }

  /// The text of a file without the blanks at its ends.
  static func word(_ bytes: [UInt8]) -> String {
    var text = bytes.drop { isBlank($0) }
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }

  /// The interfaces of /proc/net/wireless with their signal levels in dBm.
  static func wirelessLevels(_ bytes: [UInt8]) -> [(name: String, level: Double)] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let words = line.split { isBlank($0) }
      // `wlan0: 0000   54.  -56.  -256 …`: status, quality of the link, its level.
      guard words.count > 3, let name = words.first, name.last == UInt8(ascii: ":"),
        let level = Double(
          String(decoding: words[3].filter { $0 != UInt8(ascii: ".") }, as: UTF8.self)
        )
      else { return nil }
      return (String(decoding: name.dropLast(), as: UTF8.self), level)
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
