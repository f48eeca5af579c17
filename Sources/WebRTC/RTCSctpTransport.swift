// SPDX-License-Identifier: Apache-2.0
internal import PeerSession

/// What carries all data channels of a connection (W3C webrtc-pc section 6.1).
///
/// Lives on the loop's thread.
public final class RTCSctpTransport: @unchecked Sendable {
  /// Every change of `state`, in order, for one reader; ends with the transport.
  public let events: AsyncStream<RTCSctpTransportState>
  /// How far the transport is.
  public private(set) var state = RTCSctpTransportState.connecting
  /// The longest message that can be sent, in bytes: what the peer takes, and 262,144 at most.
  public private(set) var maxMessageSize = 0
  /// How many channels there can be at the same time; `nil` before the transport is connected.
  public private(set) var maxChannels: Int?

  private let continuation: AsyncStream<RTCSctpTransportState>.Continuation

  init() {
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(8))
  }

  deinit {
    continuation.finish()
  }

  /// Takes over what the session knows; nothing changes once it is over.
  func follow(_ transport: DataTransport) {
    maxMessageSize = transport.maximumMessage
    if let channels = transport.maximumChannels { maxChannels = channels }
    let next = RTCSctpTransportState(rawValue: transport.state.rawValue) ?? .closed
    guard next != state else { return }
    state = next
    continuation.yield(next)
    if next == .closed { continuation.finish() }
  }

  /// The connection is over.
  func close() {
    state = .closed
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
