// SPDX-License-Identifier: Apache-2.0

/// Memory for one picture: from the heap, or mapped from a driver.
///
/// It does no checking of who uses it when: `PictureBuffer` is its only user at any time.
@safe public final class PictureMemory: @unchecked Sendable {
  /// The first byte.
  let start: UnsafeMutableRawPointer
  /// How many bytes there are.
  public let byteCount: Int
  private let free: @Sendable (UnsafeMutableRawPointer, Int) -> Void

  /// Allocates `byteCount` bytes, aligned for vectors; what they hold is zero.
  public init(byteCount: Int) {
    let whole = (max(byteCount, 1) + 63) / 64 * 64
    unsafe start = .allocate(byteCount: whole, alignment: 64)
    unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: whole)
    self.byteCount = byteCount
    unsafe free = { start, _ in unsafe start.deallocate() }
  }

  /// Takes over memory that `free` gives back.
  ///
  /// - Parameters:
  ///   - start: the first byte, aligned to 64 bytes; all bytes must be initialized.
  ///   - byteCount: how many bytes may be read and written.
  ///   - free: called once, when nobody uses the memory any more.
  public init(
    adopting start: UnsafeMutableRawPointer,
    byteCount: Int,
    free: @escaping @Sendable (UnsafeMutableRawPointer, Int) -> Void
  ) {
    unsafe self.start = start
    self.byteCount = byteCount
    unsafe self.free = free
  }

  deinit {
    unsafe free(start, byteCount)
  }
}
