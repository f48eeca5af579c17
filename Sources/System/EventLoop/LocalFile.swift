// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// Small files of this machine, read and written whole.
public enum LocalFile {
  /// What could not be done with which file, as the system says it.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence.
    public let description: String

    init(_ action: String, _ path: String, _ code: Int32) {
      description = "\(path) cannot be \(action): \(systemErrorText(code))."
    }
  }

  /// The bytes of the file at `path`; `nil` when there is no such file.
  ///
  /// - Throws: when it cannot be read or has more than `limit` bytes.
  public static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = unsafe clinux_file_read(path, &bytes, limit)
    guard count >= 0 else {
      let code = Int32(truncatingIfNeeded: -count)
      if code == clinux_no_such_file { return nil }
      throw Failure("read", path, code)
    }
    return Array(bytes.prefix(Int(count)))
  }

  /// The names in the directory at `path`, sorted; empty when there is none.
  ///
  /// Those that begin with a point are left out; at most 16 kB of names are read.
  public static func names(in path: String) -> [String] {
    var names = [CChar](repeating: 0, count: 16_384)
    let count = unsafe clinux_directory_list(path, &names, names.count)
    guard count > 0 else { return [] }
    return names.prefix(Int(count)).split(separator: 0)
      .map { String(decoding: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self) }.sorted()
  }

  /// Puts `bytes` in the place of the file at `path`, readable by this user only.
  ///
  /// A crash leaves the old file or the new one, never a part.
  public static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
    let code = unsafe clinux_file_replace(path, bytes, bytes.count, 0o600)
    guard code == 0 else { throw Failure("written", path, -code) }
  }

  /// Whether every user of this machine may read the file at `path`, by its permissions.
  public static func isReadableByOthers(_ path: String) -> Bool {
    unsafe clinux_file_mode(path) & 0o004 != 0
  }

  /// A number that is another one when the file at `path` was changed or replaced; `nil` when there is
  /// no such file.
  public static func stamp(_ path: String) -> UInt64? {
    let stamp = unsafe clinux_file_stamp(path)
    return stamp == 0 ? nil : stamp
  }

  /// Makes the directory at `path` for this user only, and those above it, where they are missing.
  public static func makeDirectory(_ path: String) throws(Failure) {
    let code = unsafe clinux_directory_make(path, 0o700)
    guard code == 0 else { throw Failure("made", path, -code) }
  }
}
