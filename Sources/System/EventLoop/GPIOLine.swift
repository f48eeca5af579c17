// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// One output of a GPIO chip, kept as long as this lives (the kernel's GPIO character device, version 2).
///
/// Its calls may block where the chip hangs on a slow bus: they are for a ``BlockingQueue``.
public struct GPIOLine: ~Copyable, Sendable {
  /// What could not be done with which line, in one sentence.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
  }

  private let descriptor: Int32
  private let name: String

  /// Takes `line` of the chip at `path` as an output that is on or off from now on.
  ///
  /// - Parameters:
  ///   - path: The chip, such as `/dev/gpiochip0`.
  ///   - line: The line's number on the chip.
  ///   - isActiveLow: Whether on means a low level.
  ///   - isOn: What it is at first.
  /// - Throws: why it cannot be had.
  public init(
    path: String,
    line: UInt32,
    isActiveLow: Bool,
    isOn: Bool
  ) throws(Failure) {
    name = "line \(line) of \(path)"
    descriptor = unsafe clinux_gpio_output(path, line, isActiveLow ? 1 : 0, isOn ? 1 : 0)
    guard descriptor >= 0 else { throw Self.failure(-descriptor, path, line, as: "an output") }
  }

  deinit {
    clinux_close(descriptor)
  }

  /// Switches the output.
  public func set(_ isOn: Bool) throws(Failure) {
    let code = clinux_gpio_set(descriptor, isOn ? 1 : 0)
    guard code >= 0 else {
      throw Failure(description: "\(name) cannot be switched: \(systemErrorText(-code)).")
    }
  }

  /// Whether it is on.
  public func isOn() throws(Failure) -> Bool {
    let value = clinux_gpio_value(descriptor)
    guard value >= 0 else {
      throw Failure(description: "\(name) cannot be read: \(systemErrorText(-value)).")
    }
    return value != 0
  }

  /// Why `line` cannot be used as what it was asked for.
  static func failure(
    _ code: Int32,
    _ path: String,
    _ line: UInt32,
    as use: String
  ) -> Failure {
    let name = "line \(line) of \(path)"
    let reason =
      switch Int(code) {
      case Int(clinux_no_such_path): "there is no such chip; gpiodetect lists those of this board"
      case Int(clinux_access_denied):
        "this user may not open it; the group that owns it, often gpio, may"
      case Int(clinux_busy): "another program or the kernel has it"
      case Int(clinux_invalid): "the chip has no such line"
      case Int(clinux_no_such_request): "it is no GPIO chip, or the kernel is older than 5.10"
      default: systemErrorText(code)
      }
    return Failure(description: "\(name) cannot be used as \(use): \(reason).")
  }
}
