// SPDX-License-Identifier: Apache-2.0
private import CLinux
internal import Wire

/// Owns one TCP socket of the kernel, listening or connected.
struct StreamDescriptor: ~Copyable {
  /// What became of a read or write.
  enum Outcome: Equatable {
    /// So many bytes went through; 0 read bytes are the peer's end.
    case transferred(Int)
    case wouldBlock
    case failed(Int32)
  }

  let number: Int32

  fileprivate init(number: Int32) {
    self.number = number
  }

  /// Owns the open and non-blocking socket `number`.
  init(adopting number: Int32) {
    self.number = number
  }

  deinit {
    clinux_close(number)
  }

  /// Listens at `address`.
  static func listening(
    at address: SocketAddress,
    backlog: Int32
  ) throws(EventLoopError) -> StreamDescriptor {
    var wanted = address.forKernel
    let number = unsafe clinux_listen(&wanted, backlog)
    guard number >= 0 else { throw EventLoopError(-number, taking: address, .tcp) }
    return StreamDescriptor(number: number)
  }

  /// Begins to connect to `address`.
  static func connecting(to address: SocketAddress) throws(EventLoopError) -> StreamDescriptor {
    var wanted = address.forKernel
    let number = unsafe clinux_connect(&wanted)
    guard number >= 0 else { throw .system(action: "connect to \(address)", code: -number) }
    return StreamDescriptor(number: number)
  }

  /// How connecting ended: 0 or an errno.
  var connectResult: Int32 { -clinux_connect_result(number) }

  var localAddress: SocketAddress? {
    var address = clinux_address()
    guard unsafe clinux_local_address(number, &address) == 0 else { return nil }
    return SocketAddress(address)
  }

  func finishWriting() {
    _ = clinux_finish_writing(number)
  }

  func resetOnClose() {
    clinux_reset_on_close(number)
  }

  /// Reads what there is, up to the size of `buffer`.
  func read(into buffer: inout [UInt8]) -> Outcome {
    let capacity = buffer.count
    return unsafe Self.outcome(clinux_read(number, &buffer, capacity))
  }

  /// Writes what the kernel takes of `bytes`.
  func write(_ bytes: Span<UInt8>) -> Outcome {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return .transferred(0) }
      return unsafe Self.outcome(clinux_write(number, start, buffer.count))
    }
  }

  /// Writes what the kernel takes of `output`.
  func write(from output: inout WriteBuffer) -> Outcome {
    output.write(to: self)
  }

  private static func outcome(_ result: Int) -> Outcome {
    if result >= 0 { return .transferred(result) }
    if result == -Int(clinux_would_block) { return .wouldBlock }
    return .failed(Int32(truncatingIfNeeded: -result))
  }
}

/// A descriptor kept free, so that a caller can be turned away even when all others are in use.
struct ReserveDescriptor: ~Copyable {
  private var number = clinux_reserve()

  deinit {
    if number >= 0 { clinux_close(number) }
  }

  /// Takes the next caller; answers its socket and address, or why there is none.
  mutating func accept(
    _ listener: borrowing StreamDescriptor,
    _ body: (consuming StreamDescriptor, SocketAddress) -> Void
  ) -> StreamDescriptor.Outcome {
    var peer = clinux_address()
    let accepted = unsafe clinux_accept(listener.number, &number, &peer)
    if accepted >= 0 {
      body(StreamDescriptor(number: accepted), SocketAddress(peer))
      return .transferred(1)
    }
    return accepted == -Int32(clinux_would_block) ? .wouldBlock : .failed(-accepted)
  }

  /// Whether `code` says that a caller was turned away for want of a descriptor.
  func hasTurnedAway(_ code: Int32) -> Bool {
    number >= 0 && code == Int32(clinux_too_many_files)
  }
}

/// A block of bytes on its way out.
@safe
struct WriteBuffer: ~Copyable {
  private let memory: UnsafeMutableBufferPointer<UInt8>
  private var start = 0
  private var end = 0

  init(capacity: Int) {
    unsafe memory = .allocate(capacity: capacity)
  }

  deinit {
    unsafe memory.deallocate()
  }

  /// How many bytes wait.
  var count: Int { end - start }

  /// Lends the empty buffer to `fill`; answers what that answers.
  mutating func refill(_ fill: (inout OutputSpan<UInt8>) -> Bool) -> Bool {
    start = 0
    end = 0
    var output = unsafe OutputSpan(buffer: memory, initializedCount: 0)
    let hasMore = fill(&output)
    end = unsafe output.finalize(for: memory)
    return hasMore
  }

  fileprivate mutating func write(
    to descriptor: borrowing StreamDescriptor
  ) -> StreamDescriptor.Outcome {
    let waiting = unsafe UnsafeBufferPointer(memory.extracting(start..<end))
    let outcome = unsafe descriptor.write(Span(_unsafeElements: waiting))
    if case .transferred(let count) = outcome { start += count }
    return outcome
  }
}
