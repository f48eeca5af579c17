// SPDX-License-Identifier: Apache-2.0

/// A buffer of fixed size that is lent to a core as an `OutputSpan`, again and again.
///
/// For whoever drives a core without a socket: simulations, checks and tools.
public struct DatagramBuffer: Sendable {
  private var storage: [UInt8]

  /// The bytes that the last `fill` wrote.
  public private(set) var count = 0

  /// Creates a buffer with room for `capacity` bytes.
  public init(capacity: Int = 1500) {
    storage = [UInt8](repeating: 0, count: capacity)
  }

  /// Lends the empty buffer to `body`; what it has written is in `bytes` afterwards.
  public mutating func fill<Result>(
    _ body: (inout OutputSpan<UInt8>) -> Result
  ) -> Result {
    let (result, written) = unsafe storage.withUnsafeMutableBufferPointer { memory in
      var output = unsafe OutputSpan(buffer: memory, initializedCount: 0)
      let result = body(&output)
      let written = unsafe output.finalize(for: memory)
      return (result, written)
    }
    count = written
    return result
  }

  /// A copy of what the last `fill` wrote.
  public var bytes: [UInt8] { Array(storage[..<count]) }
}
