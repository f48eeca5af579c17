// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The project's own files and built program, read by plain C calls.
enum Repository {
  /// The folder that holds `Package.swift`, without a final slash.
  static let root: String = {
    var parts = #filePath.utf8.split(separator: UInt8(ascii: "/"))
    parts.removeLast(3)
    return parts.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
  }()

  /// Paths, from the root, of all files under `folder` that are the project's own, in order.
  static func files(under folder: String = "") -> [String] {
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var found: [String] = []
    while let entry = unsafe readdir(directory) {
      let isFolder = unsafe entry.pointee.d_type == 4
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !["..", ".", ".git", ".build", ".swiftpm", "__pycache__"].contains(name) else {
        continue
      }
      let inside = folder.isEmpty ? name : "\(folder)/\(name)"
      if isFolder {
        found += files(under: inside)
      } else {
        found.append(inside)
      }
    }
    return found.sorted()
  }

  /// The bytes of a file named from the root; empty when it cannot be read.
  static func bytes(_ path: String) -> [UInt8] {
    guard let file = unsafe fopen("\(root)/\(path)", "r") else { return [] }
    defer { unsafe fclose(file) }
    return unsafe rest(of: file)
  }

  /// The text of a file named from the root.
  static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

  /// The lines of a file named from the root.
  static func lines(_ path: String) -> [String] {
    var lines = bytes(path).split(separator: 10, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  static func exists(_ path: String) -> Bool { unsafe access("\(root)/\(path)", F_OK) == 0 }

  /// What a shell command prints; the root is its working directory.
  static func output(of command: String) -> String {
    guard let pipe = unsafe popen("cd '\(root)' && \(command)", "r") else { return "" }
    defer { unsafe pclose(pipe) }
    return unsafe String(decoding: rest(of: pipe), as: UTF8.self)
  }

  /// Starts a command, waits until it prints a line that starts one of `words`, and ends it after
  /// `body`, which is given its process number and the lines so far.
  ///
  /// Returns nil when the command ended without such a line.
  static func whileRunning<Result>(
    _ command: String,
    until word: String,
    _ body: (_ process: Int32) -> Result
  ) -> Result? {
    let script = "cd '\(root)' && echo $$ && exec \(command) 2>&1"
    guard let pipe = unsafe popen(script, "r") else { return nil }
    defer { unsafe pclose(pipe) }
    guard let process = unsafe line(of: pipe).flatMap({ Int32($0) }) else { return nil }
    defer { kill(process, SIGKILL) }
    while let line = unsafe line(of: pipe) {
      if line.holds(word) { return body(process) }
    }
    return nil
  }

  private static func rest(of file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe part.withUnsafeMutableBytes {
        unsafe fread($0.baseAddress, 1, $0.count, file)
      }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: part[..<count])
    }
  }

  private static func line(of file: UnsafeMutablePointer<FILE>) -> String? {
    var bytes: [UInt8] = []
    while true {
      let byte = unsafe getc(file)
      guard byte != EOF else { return nil }
      guard byte != 10 else { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(UInt8(truncatingIfNeeded: byte))
    }
  }
}

extension String {
  /// Whether the text contains `part`, byte by byte.
  func holds(_ part: String) -> Bool { unsafe strstr(self, part) != nil }
}
