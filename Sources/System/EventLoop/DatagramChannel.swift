// SPDX-License-Identifier: Apache-2.0
private import CLinux
internal import Wire

/// Owns one UDP socket of the kernel with the memory of its batches.
///
/// Its methods do not mutate: all state lies behind the pointer, so that a datagram's handler may
/// send while a batch is being read.
@safe
struct DatagramChannel: ~Copyable {
  private let socket: OpaquePointer

  init(port: UInt16, bufferBytes: Int32, trafficClass: UInt8?) throws(EventLoopError) {
    var code: Int32 = 0
    let wish = trafficClass.map { Int32($0) } ?? -1
    let opened = unsafe clinux_datagrams_open(port, bufferBytes, wish, &code)
    guard let opened = unsafe opened else {
      throw EventLoopError(
        code,
        taking: SocketAddress(.v6(high: 0, low: 0, scope: 0), port: port),
        .udp
      )
    }
    unsafe socket = opened
  }

  deinit {
    unsafe clinux_datagrams_free(socket)
  }

  var descriptor: Int32 { unsafe clinux_datagrams_descriptor(socket) }

  var port: UInt16 { unsafe clinux_datagrams_port(socket) }

  var statistics: UDPSocket.Statistics {
    let counts = unsafe clinux_datagrams_counts(socket)
    return UDPSocket.Statistics(
      received: counts.received,
      truncated: counts.truncated,
      sent: counts.sent,
      dropped: counts.dropped,
      segmented: counts.segmented,
      systemCalls: counts.calls,
      overflowed: counts.overflowed,
      lastError: counts.last_error
    )
  }

  func allowSegmentation(_ allowed: Bool) {
    unsafe clinux_datagrams_allow_segmentation(socket, allowed ? 1 : 0)
  }

  /// Closes the descriptor; the memory stays as long as this value.
  func close() {
    unsafe clinux_datagrams_close(socket)
  }

  /// Takes a batch from the kernel; answers how many datagrams.
  func receive() -> Int {
    unsafe Int(clinux_datagrams_receive(socket))
  }

  /// Lends datagram `index` of the batch, unless it was too long to be one of ours.
  func withDatagram(
    _ index: Int,
    _ body: (_ bytes: Span<UInt8>, _ source: SocketAddress, _ local: SocketAddress) -> Void
  ) {
    var length = 0
    var source = clinux_address()
    var local = clinux_address()
    let start = unsafe clinux_datagrams_received(socket, Int32(index), &length, &source, &local)
    guard let start = unsafe start else { return }
    let bytes = unsafe Span(_unsafeStart: start, count: length)
    body(bytes, SocketAddress(source), SocketAddress(local))
  }

  /// Lends the next free slot; `nil` when there is none, else whether it was filled and queued.
  func fillSlot(_ fill: (inout OutputSpan<UInt8>) -> Transmit?) -> Bool? {
    guard let slot = unsafe clinux_datagrams_slot(socket) else { return nil }
    let buffer = unsafe UnsafeMutableBufferPointer(start: slot, count: Int(clinux_slot_size))
    var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
    guard let way = fill(&output) else { return false }
    let count = unsafe output.finalize(for: buffer)
    var source = way.source.forKernel
    var destination = way.destination.forKernel
    unsafe clinux_datagrams_queue(socket, count, &source, &destination)
    return true
  }

  /// Sends what is queued; answers how many datagrams must wait for room.
  func flush() -> Int {
    unsafe Int(clinux_datagrams_flush(socket))
  }
}
