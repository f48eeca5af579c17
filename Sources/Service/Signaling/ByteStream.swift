// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import Wire

/// Bytes both ways, for the loop's thread only: a `TCPConnection`, which explains each member, or TLS over
/// one.
protocol ByteStream: AnyObject {
  var loop: EventLoop { get }
  var isClosed: Bool { get }
  /// Whether bytes wait for the peer to read: there is no use in flushing more.
  var isBlocked: Bool { get }
  var onReceive: ((_ bytes: Span<UInt8>) -> Void)? { get set }
  var onEnd: (() -> Void)? { get set }
  var onClose: ((TCPConnection.CloseReason) -> Void)? { get set }
  var fill: ((_ buffer: inout OutputSpan<UInt8>) -> Bool)? { get set }
  func flush()
  func finishWriting()
  func closeAfterFlush()
  func close()
  func pauseReading(_ isPaused: Bool)
}

extension TCPConnection: ByteStream {}
