// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One UDP socket for all peers, both families and all local addresses.
///
/// Each datagram arrives with the local address it was sent to and leaves from the one its
/// `Transmit` names, so one port serves a machine with several interfaces. IPv4 addresses are
/// presented as such, never in their IPv6-mapped form; where the kernel has no IPv6, the socket
/// serves IPv4 alone. Datagrams travel in batches (recvmmsg, sendmmsg), and consecutive ones of
/// one size and way as one segmented message (UDP GSO); neither costs an allocation.
///
/// Everything here is for the loop's thread only, and traps elsewhere: that, not a lock, is why the
/// class may call itself Sendable.
public final class UDPSocket: @unchecked Sendable {
  /// Takes one datagram: its bytes, who sent it, and to which local address.
  ///
  /// The bytes are lent for the call.
  public typealias Receiver = (
    _ bytes: Span<UInt8>, _ source: SocketAddress, _ local: SocketAddress
  ) -> Void

  /// What has happened since the socket was opened.
  public struct Statistics: Sendable {
    /// Datagrams that arrived.
    public var received: UInt64
    /// Those of them that were longer than 2,048 bytes, and so dropped.
    public var truncated: UInt64
    /// Datagrams that the kernel took.
    public var sent: UInt64
    /// Datagrams that the kernel refused: no route, too long, forbidden, no such source.
    public var dropped: UInt64
    /// Those of `sent` that travelled in a segmented message.
    public var segmented: UInt64
    /// How often the kernel was called to send or receive.
    public var systemCalls: UInt64
    /// Datagrams that the kernel dropped on arrival, because they came faster than they were taken.
    public var overflowed: UInt64
    /// The errno of the last refusal, else 0.
    public var lastError: Int32
  }

  /// The longest datagram that can be sent.
  public static let longestDatagram = 1500

  /// The loop on which the socket lives.
  public let loop: EventLoop
  /// The port on which it receives.
  public let localPort: UInt16
  /// Called for each datagram; set it before the loop runs next.
  public var onReceive: Receiver?
  /// Called once after each batch of datagrams, to drive what they have changed.
  public var onBatchEnd: (() -> Void)?
  /// Called when all that had to wait has left and `send` may be called again.
  public var onWritable: (() -> Void)?

  private let channel: DatagramChannel
  private var watch: EventLoop.WatchID?
  private var isFilling = false

  /// Whether datagrams wait for room in the kernel's buffer.
  public private(set) var isBlocked = false

  /// Opens a socket on `port`, and receives from the next turn of the loop on.
  ///
  /// Loop thread only.
  /// - Parameters:
  ///   - loop: Where the socket lives.
  ///   - port: The port, or 0 for any free one.
  ///   - bufferBytes: How much the kernel is asked to hold in each direction; its own limits
  ///     (net.core.rmem_max, wmem_max) hold silently.
  ///   - trafficClass: The IP header's traffic class (DSCP in its upper six bits), or `nil` for the
  ///     system's.
  /// - Throws: `EventLoopError.addressInUse` and its like.
  public init(
    on loop: EventLoop,
    port: UInt16 = 0,
    bufferBytes: Int = 1 << 20,
    trafficClass: UInt8? = nil
  ) throws(EventLoopError) {
    loop.requireLoop()
    self.loop = loop
    channel = try DatagramChannel(
      port: port,
      bufferBytes: Int32(clamping: bufferBytes),
      trafficClass: trafficClass
    )
    localPort = channel.port
    watch = try loop.watch(channel.descriptor, .readable) { [weak self] ready in
      self?.becameReady(ready)
    }
  }

  deinit {
    if let watch { loop.release(watch) }
  }

  /// What has happened so far.
  public var statistics: Statistics { channel.statistics }

  /// Ends receiving and sending and frees the port; harmless when done before.
  ///
  /// Loop thread only.
  public func close() {
    guard let watch else { return }
    loop.unwatch(watch)
    self.watch = nil
    channel.close()
    onReceive = nil
    onBatchEnd = nil
    onWritable = nil
  }

  /// Sends every datagram that `fill` has, until it answers `nil`.
  ///
  /// Loop thread only.
  ///
  /// `fill` appends one datagram of at most ``longestDatagram`` bytes to the buffer it is lent and
  /// answers its way. When the kernel has no more room, the rest of the batch waits, `fill` is not
  /// asked again, and ``onWritable`` tells when to go on. What the kernel refuses for good is
  /// dropped and counted. `fill` must not call `send`.
  /// - Returns: Whether `fill` has been asked for all it has; `false` when the caller must wait for
  ///   ``onWritable``.
  @discardableResult
  public func send(_ fill: (_ slot: inout OutputSpan<UInt8>) -> Transmit?) -> Bool {
    loop.requireLoop()
    precondition(!isFilling, "a datagram's fill closure must not call send")
    guard watch != nil else { return true }
    guard !isBlocked else { return false }
    isFilling = true
    defer { isFilling = false }
    while true {
      switch channel.fillSlot(fill) {
      case true?: continue
      case false?: return flush()
      case nil: guard flush() else { return false }
      }
    }
  }

  /// Lets several datagrams travel as one segmented message, or forbids it.
  ///
  /// It is allowed at first, and switched off by itself where the network device cannot do it.
  public func allowSegmentation(_ allowed: Bool) {
    channel.allowSegmentation(allowed)
  }

  private func flush() -> Bool {
    let isBlocked = channel.flush() > 0
    if isBlocked != self.isBlocked, let watch {
      self.isBlocked = isBlocked
      loop.change(watch, isBlocked ? [.readable, .writable] : .readable)
    }
    return !isBlocked
  }

  private func becameReady(_ ready: Readiness) {
    if ready.contains(.writable), isBlocked, flush() { onWritable?() }
    if ready.contains(.readable) { receive() }
  }

  private func receive() {
    // A few batches at a time: others want to be served too.
    for _ in 0..<4 {
      let count = watch == nil ? 0 : channel.receive()
      guard count > 0 else { return }
      for index in 0..<count {
        guard let onReceive else { break }
        channel.withDatagram(index) { bytes, source, local in
          onReceive(bytes, source, SocketAddress(local.ip, port: localPort))
        }
      }
      onBatchEnd?()
    }
  }
}
