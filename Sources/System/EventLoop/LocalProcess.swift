// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// The process itself: its environment, its terminal and its end.
public enum LocalProcess {
  /// The environment variable called `name`; `nil` when it is missing or empty.
  public static func environment(_ name: String) -> String? {
    guard let value = unsafe clinux_environment(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// What this machine calls itself; `nil` when it does not know.
  public static var hostName: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe clinux_host_name(&name, name.count) == 0 else { return nil }
    let text = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
      as: UTF8.self
    )
    return text.isEmpty ? nil : text
  }

  /// Writes `text` to the standard output.
  public static func print(_ text: String) {
    write(text, to: 1)
  }

  /// Writes `text` to the standard error.
  public static func printError(_ text: String) {
    write(text, to: 2)
  }

  /// Keeps the process's memory small from now on: one heap for all threads, no huge pages.
  ///
  /// For a program's first line, before there is a second thread.
  public static func economizeMemory() {
    clinux_memory_economize()
  }

  /// Gives what has been freed back to the kernel; takes about a millisecond.
  public static func releaseFreeMemory() {
    clinux_memory_trim()
  }

  /// Unmaps the program's code; what is still needed comes back from the page cache, within about a
  /// millisecond in all.
  ///
  /// What only starting needed then no longer counts as the process's, and is the first that a kernel
  /// short of memory drops. Does nothing without ``economizeMemory()``, nor under a debugger.
  public static func releaseUnusedCode() {
    clinux_memory_release_code()
  }

  /// Ends the process with `code`.
  public static func exit(_ code: Int32) -> Never {
    clinux_exit(code)
  }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    unsafe clinux_write_all(descriptor, bytes, bytes.count)
  }
}
