// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One TCP connection, accepted by a ``TCPListener`` or made by ``connect(on:to:)``.
///
/// What is to be written is pulled: the owner supplies ``fill`` and calls ``flush()`` whenever there
/// is something; the connection asks for at most 16 KiB ahead of what the kernel takes, so a slow
/// reader costs no memory. The loop keeps the connection alive until it is closed.
///
/// Everything here is for the loop's thread only, and traps elsewhere: that, not a lock, is why the
/// class may call itself Sendable.
public final class TCPConnection: @unchecked Sendable {
  /// Why a connection has closed.
  public enum CloseReason: Equatable, Sendable {
    /// The owner closed it, or both sides had finished.
    case finished
    /// The network or the peer broke it; `code` is the errno.
    case failed(code: Int32)
  }

  /// How much is asked of ``fill`` at a time.
  public static let bufferBytes = 16_384

  private static let lingering = Duration.seconds(1)

  /// The loop on which the connection lives.
  public let loop: EventLoop
  /// The peer's address.
  public let remoteAddress: SocketAddress
  /// Called once when a connection that was begun here stands.
  var onConnect: (() -> Void)?
  /// Called with what the peer has sent; the bytes are lent for the call.
  public var onReceive: ((_ bytes: Span<UInt8>) -> Void)?
  /// Called once when the peer has finished writing; the other direction stays open.
  ///
  /// Without it the connection then closes after what is still to be written.
  public var onEnd: (() -> Void)?
  /// Called exactly once, when the connection is over; all four closures are released then.
  public var onClose: ((CloseReason) -> Void)?
  /// Appends what is to be written next to an empty buffer of ``bufferBytes``; `true` when there is
  /// more behind it.
  ///
  /// It is asked again until it appends nothing or answers `false`, and then at the next
  /// ``flush()``.
  public var fill: ((_ buffer: inout OutputSpan<UInt8>) -> Bool)?

  private enum Ending { case none, finishWriting, close }

  private var descriptor: StreamDescriptor?
  private var watch: EventLoop.WatchID?
  private var output = WriteBuffer(capacity: TCPConnection.bufferBytes)
  private var isConnecting: Bool
  private var isPaused = false
  private var isFlushing = false
  private var hasMore = false
  private var peerHasEnded = false
  private var hasFinishedWriting = false
  private var ending = Ending.none
  private var isLingering = false
  // The listener's count of open connections.
  var onRelease: (() -> Void)?

  init(
    _ descriptor: consuming StreamDescriptor,
    to remote: SocketAddress,
    on loop: EventLoop,
    isConnecting: Bool
  ) throws(EventLoopError) {
    self.loop = loop
    remoteAddress = remote
    self.isConnecting = isConnecting
    let number = descriptor.number
    self.descriptor = consume descriptor
    // The watch holds the connection, until it is closed.
    watch = try loop.watch(number, isConnecting ? .writable : .readable) { ready in
      self.becameReady(ready)
    }
  }

  /// Begins to connect to `address`.
  ///
  /// Loop thread only.
  ///
  /// What is flushed before the connection stands is written then; a failure to connect comes as
  /// ``onClose``.
  /// - Throws: `EventLoopError.system` when the address cannot even be tried.
  public static func connect(
    on loop: EventLoop,
    to address: SocketAddress
  ) throws(EventLoopError) -> TCPConnection {
    loop.requireLoop()
    return try TCPConnection(.connecting(to: address), to: address, on: loop, isConnecting: true)
  }

  /// The local address; `nil` once closed.
  public var localAddress: SocketAddress? { descriptor?.localAddress }

  /// Whether the connection is over.
  public var isClosed: Bool { watch == nil }

  /// Whether bytes wait for the peer to read.
  public var isBlocked: Bool { !isClosed && output.count > 0 }

  /// Asks ``fill`` for what it has and writes it, now or as the peer reads.
  ///
  /// Loop thread only.
  public func flush() {
    loop.requireLoop()
    guard !isClosed, !isConnecting, !isFlushing, !hasFinishedWriting else { return }
    isFlushing = true
    hasMore = true
    drain()
    isFlushing = false
    settle()
  }

  /// Ends writing after what ``fill`` still has; reading goes on.
  ///
  /// Loop thread only.
  public func finishWriting() {
    loop.requireLoop()
    if ending == .none { ending = .finishWriting }
    flush()
  }

  /// Closes the connection after what ``fill`` still has.
  ///
  /// Loop thread only.
  ///
  /// What the peer sends from then on is dropped; it has a second to take note of the end.
  public func closeAfterFlush() {
    loop.requireLoop()
    ending = .close
    if hasFinishedWriting, !isClosed { linger() } else { flush() }
  }

  /// Closes the connection at once; harmless when it is over.
  ///
  /// Loop thread only.
  public func close() {
    loop.requireLoop()
    end(.finished)
  }

  /// Drops the connection at once with a reset: the peer sees an error.
  ///
  /// Loop thread only.
  public func abort() {
    loop.requireLoop()
    descriptor?.resetOnClose()
    end(.finished)
  }

  /// Stops or resumes reading, so that a fast sender waits for a slow owner.
  ///
  /// Loop thread only.
  public func pauseReading(_ isPaused: Bool) {
    loop.requireLoop()
    self.isPaused = isPaused
    updateInterest()
  }

  private func becameReady(_ ready: Readiness) {
    if isConnecting {
      let code = descriptor?.connectResult ?? 0
      guard code == 0 else { return end(.failed(code: code)) }
      isConnecting = false
      let onConnect = onConnect
      self.onConnect = nil
      onConnect?()
      flush()
    } else if ready.contains(.writable), output.count > 0 {
      isFlushing = true
      drain()
      isFlushing = false
      settle()
    }
    if ready.contains(.readable), !isPaused, !peerHasEnded {
      read()
    } else if ready.contains(.hungUp), !isClosed {
      // Nobody reads any more, so nothing else would notice.
      let code = descriptor?.connectResult ?? 0
      end(code == 0 ? .finished : .failed(code: code))
    }
  }

  private func read() {
    // A few blocks at a time: others want to be served too.
    for _ in 0..<4 {
      guard !isClosed, !isPaused else { return }
      switch loop.read(from: self) {
      case .transferred(0): return peerEnded()
      case .transferred(let count): guard count == EventLoop.readBytes else { return }
      case .wouldBlock: return
      case .failed(let code): return end(.failed(code: code))
      }
    }
  }

  /// Reads into `buffer` and hands on what came.
  func read(into buffer: inout [UInt8]) -> StreamDescriptor.Outcome {
    guard let outcome = descriptor?.read(into: &buffer) else { return .wouldBlock }
    if case .transferred(let count) = outcome, count > 0, !isLingering {
      onReceive?(buffer.span.extracting(0..<count))
    }
    return outcome
  }

  private func peerEnded() {
    peerHasEnded = true
    if hasFinishedWriting { return end(.finished) }
    updateInterest()
    if ending == .close { return }
    if let onEnd { onEnd() } else { closeAfterFlush() }
  }

  /// Writes until the kernel has no room or `fill` has nothing.
  private func drain() {
    while !isClosed {
      if output.count == 0 {
        guard hasMore, let fill else { return }
        hasMore = output.refill(fill)
        guard output.count > 0 else { return }
      }
      switch descriptor?.write(from: &output) {
      case .transferred: continue
      case .wouldBlock, nil: return
      case .failed(let code): return end(.failed(code: code))
      }
    }
  }

  /// After writing: ends what is to be ended, else waits for what is to come.
  private func settle() {
    guard !isClosed else { return }
    if output.count == 0 {
      switch ending {
      case .none: break
      case .close: return linger()
      case .finishWriting:
        descriptor?.finishWriting()
        hasFinishedWriting = true
        if peerHasEnded { return end(.finished) }
      }
    }
    updateInterest()
  }

  /// Lets the peer read what was written to the end, but not for long.
  ///
  /// Closing while something unread has arrived would reset the connection and take the last words
  /// with it.
  private func linger() {
    guard !peerHasEnded else { return end(.finished) }
    guard !isLingering else { return }
    isLingering = true
    isPaused = false
    if !hasFinishedWriting { descriptor?.finishWriting() }
    hasFinishedWriting = true
    loop.schedule(at: loop.now + Self.lingering) { [weak self] in self?.end(.finished) }
    updateInterest()
  }

  private func updateInterest() {
    guard let watch, !isConnecting else { return }
    var interest: Readiness = []
    if !isPaused, !peerHasEnded { interest.insert(.readable) }
    if output.count > 0 { interest.insert(.writable) }
    loop.change(watch, interest)
  }

  private func end(_ reason: CloseReason) {
    guard let watch else { return }
    loop.unwatch(watch)
    self.watch = nil
    descriptor = nil
    let onClose = onClose
    let onRelease = onRelease
    self.onClose = nil
    self.onRelease = nil
    onConnect = nil
    onReceive = nil
    onEnd = nil
    fill = nil
    onRelease?()
    onClose?(reason)
  }
}
