// SPDX-License-Identifier: Apache-2.0

/// Whether a SACK is owed.
struct Acknowledgement: Hashable, Sendable {
  /// Whether it is to leave with the next packet, and in one of its own if there is none.
  var isDue = false
  /// Packets with data since the last one; the very first is acknowledged at once.
  var packets = 1
  /// The window that the last one told.
  var window = Int.max
  /// Whether the packet that is being read had data, and whether it asks for a SACK at once.
  var hasData = false
  var isUrgent = false
}
