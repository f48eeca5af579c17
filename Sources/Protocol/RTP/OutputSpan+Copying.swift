// SPDX-License-Identifier: Apache-2.0

extension OutputSpan where Element == UInt8 {
  /// Appends a copy of `span`; `false`, and nothing written, without room.
  @discardableResult
  @_lifetime(self: copy self)
  mutating func append(copying span: Span<UInt8>) -> Bool {
    guard freeCapacity >= span.count else { return false }
    // The optimiser makes one block copy of this loop.
    for index in span.indices { append(span[index]) }
    return true
  }
}
