// SPDX-License-Identifier: Apache-2.0
private import Glibc

// The files and streams of the checks' program, by plain C calls: the arm64 SDK has no Foundation.

/// Writes to standard output at once.
func say(_ text: String) {
  emit(text, to: STDOUT_FILENO)
}

/// Writes to standard error at once.
func complain(_ text: String) {
  emit(text, to: STDERR_FILENO)
}

/// The names of the regular files of `folder` in byte order, or nil if it cannot be read.
func fileNames(in folder: String) -> [String]? {
  guard let directory = unsafe opendir(folder) else { return nil }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while let entry = unsafe readdir(directory) {
    let kind = Int32(unsafe entry.pointee.d_type)
    guard kind == 8 || kind == 0 else { continue }
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// The bytes of the file, or nil if it cannot be read.
func contents(of path: String) -> [UInt8]? {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = unsafe part.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    guard count >= 0 else { return nil }
    guard count > 0 else { return bytes }
    bytes.append(contentsOf: part[..<count])
  }
}

/// Replaces the contents of the file; false if it cannot be written.
func write(_ text: String, to path: String) -> Bool {
  let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard file >= 0 else { return false }
  defer { close(file) }
  return emit(text, to: file)
}

/// Ends the program by SIGALRM when it has not called this again within `seconds`; 0 lifts it.
func limitNextInput(toSeconds seconds: UInt32) {
  _ = alarm(seconds)
}

@discardableResult
private func emit(_ text: String, to file: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
    guard count > 0 else { return false }
    rest = rest.dropFirst(count)
  }
  return true
}
