// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import PeerSession

/// What carries all data channels of a connection (W3C webrtc-pc section 6.1).
///
/// For any thread.
public final class RTCSctpTransport: @unchecked Sendable {
  /// Every change of `state`, in order, for one reader; ends with the transport.
  public let events: AsyncStream<RTCSctpTransportState>
  /// How far the transport is.
  public var state: RTCSctpTransportState { loop.sync { known } }
  /// The longest message that can be sent, in bytes: what the peer takes, and 262,144 at most.
  public var maxMessageSize: Int { loop.sync { longest } }
  /// How many channels there can be at the same time; `nil` before the transport is connected.
  public var maxChannels: Int? { loop.sync { channels } }

  private let loop: EventLoop
  private var known = RTCSctpTransportState.connecting
  private var longest = 0
  private var channels: Int?
  private let continuation: AsyncStream<RTCSctpTransportState>.Continuation

  init(on loop: EventLoop) {
    self.loop = loop
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(8))
  }

  deinit {
    continuation.finish()
  }

  /// Takes over what the session knows; nothing changes once it is over.
  func follow(_ transport: DataTransport) {
    longest = transport.maximumMessage
    if let most = transport.maximumChannels { channels = most }
    let next = RTCSctpTransportState(rawValue: transport.state.rawValue) ?? .closed
    guard next != known else { return }
    known = next
    continuation.yield(next)
    if next == .closed { continuation.finish() }
  }

  /// The connection is over.
  func close() {
    known = .closed
    continuation.finish()
  }
}

/// How far the transport of data channels is (W3C webrtc-pc section 6.1).
public enum RTCSctpTransportState: String, Hashable, Sendable {
  /// It is not connected yet.
  case connecting
  /// Channels can be open.
  case connected
  /// It is over.
  case closed
}
