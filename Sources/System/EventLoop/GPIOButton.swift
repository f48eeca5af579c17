// SPDX-License-Identifier: Apache-2.0
private import CLinux
private import Wire

/// One input of a GPIO chip whose becoming active is told, kept as long as this lives (the kernel's GPIO
/// character device, version 2).
///
/// Taking it may block where the chip hangs on a slow bus, which is for a ``BlockingQueue``; asking for
/// presses does not.
public struct GPIOButton: ~Copyable, Sendable {
  /// What holds the line where nothing drives it.
  public enum Bias: String, Hashable, Sendable, CaseIterable {
    /// What there is: a resistor on the board, or what the chip was set to.
    case asIs = "as-is"
    /// The chip's own resistor to the high level.
    case pullUp = "pull-up"
    /// The chip's own resistor to the low level.
    case pullDown = "pull-down"
  }

  /// Becomes readable when there are presses; for a ``DeviceWatch``.
  public let descriptor: Int32

  /// Takes `line` of the chip at `path` as an input.
  ///
  /// - Parameters:
  ///   - path: The chip, such as `/dev/gpiochip0`.
  ///   - line: The line's number on the chip.
  ///   - isActiveLow: Whether pressed means a low level.
  ///   - bias: What holds the line while it is not pressed.
  ///   - debounce: How long a level must stay to count.
  /// - Throws: why it cannot be had.
  public init(
    path: String,
    line: UInt32,
    isActiveLow: Bool,
    bias: Bias,
    debounce: Duration
  ) throws(GPIOLine.Failure) {
    let pull: Int32 =
      switch bias {
      case .asIs: 0
      case .pullUp: 1
      case .pullDown: -1
      }
    let period = UInt32(clamping: debounce.inNanoseconds / 1_000)
    descriptor = unsafe clinux_gpio_button(path, line, isActiveLow ? 1 : 0, pull, period)
    guard descriptor >= 0 else {
      throw GPIOLine.failure(-descriptor, path, line, as: "a button")
    }
  }

  deinit {
    clinux_close(descriptor)
  }

  /// How often it was pressed since that was asked; `nil` when the chip is gone.
  public func presses() -> Int? {
    let count = clinux_gpio_presses(descriptor)
    return count < 0 ? nil : Int(count)
  }
}
