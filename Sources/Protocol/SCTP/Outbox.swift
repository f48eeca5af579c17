// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What is to be sent besides data: whole packets, and chunks to be bundled.
struct Outbox: Sendable {
  /// Packets and chunks that wait; the peer cannot make more wait.
  static let limit = 32

  /// Chunks for the next packets of the association, each with its padding.
  var chunks = RingBuffer<[UInt8]>(filler: [])
  /// What could not be kept.
  private(set) var overflows = 0
  private var packets = RingBuffer<[UInt8]>(filler: [])

  /// Keeps a packet that stands alone; its checksum is put in when it leaves.
  mutating func append(packet: [UInt8]) {
    guard packets.count < Self.limit else {
      overflows += 1
      return
    }
    packets.append(packet)
  }

  /// Keeps a chunk for the association's next packet.
  mutating func append(chunk: [UInt8]) {
    guard chunks.count < Self.limit else {
      overflows += 1
      return
    }
    chunks.append(chunk)
  }

  /// Takes the next packet.
  mutating func nextPacket() -> [UInt8]? { packets.popFirst() }

  /// Forgets all chunks, as the association is over or begins anew.
  mutating func removeChunks() { chunks.removeAll() }
}
