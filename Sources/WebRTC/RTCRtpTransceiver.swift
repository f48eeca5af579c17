// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import PeerSession
internal import SDP

/// Which way media is to flow, or flows (W3C webrtc-pc section 5.4, RTCRtpTransceiverDirection).
public enum RTCRtpTransceiverDirection: String, Hashable, Sendable, CaseIterable {
  /// Both ways.
  case sendrecv
  /// To the peer.
  case sendonly
  /// From the peer.
  case recvonly
  /// Neither way.
  case inactive
  /// Never again.
  case stopped

  init(_ direction: MediaDirection) {
    self = Self(rawValue: direction.rawValue) ?? .inactive
  }

  /// The direction in a description; `inactive` for `stopped`.
  var described: MediaDirection { MediaDirection(rawValue: rawValue) ?? .inactive }
}

/// A sender and a receiver that share one m-line (W3C webrtc-pc section 5.4).
///
/// For any thread: what is asked for is done on the loop's, before the call returns.
public final class RTCRtpTransceiver: @unchecked Sendable {
  /// What is sent.
  public let sender: RTCRtpSender
  /// What is received.
  public let receiver: RTCRtpReceiver

  let id: Transceiver.ID
  private let loop: EventLoop
  private weak var transport: PeerTransport?
  private let onChange: () -> Void
  /// The peer's streams that the track is in.
  var streams: [MediaStream] = []
  /// Whether a `track` event has told that the peer sends, and none has taken it back.
  var hasTold = false
  /// Whether the sender has ever been agreed to send.
  var hasSent = false

  init(
    _ id: Transceiver.ID,
    of transport: PeerTransport,
    sender: RTCRtpSender,
    receiver: RTCRtpReceiver,
    onChange: @escaping () -> Void
  ) {
    self.id = id
    self.transport = transport
    loop = transport.network.loop
    self.sender = sender
    self.receiver = receiver
    receiver.transceiver = id
    receiver.transport = transport
    self.onChange = onChange
  }

  private var state: Transceiver? {
    guard let transport, !transport.isClosed else { return nil }
    return transport.session.transceivers.first { $0.id == id }
  }

  /// The m-line's identification; `nil` while there is none.
  public var mid: String? { loop.sync { state?.line == nil ? nil : state?.mid } }

  /// What the application would like; the next exchange of descriptions tells the peer.
  public var direction: RTCRtpTransceiverDirection {
    loop.sync {
      guard let state, !state.isStopping else { return .stopped }
      return RTCRtpTransceiverDirection(state.direction)
    }
  }

  /// What the last exchange came to; `nil` before the first.
  public var currentDirection: RTCRtpTransceiverDirection? {
    loop.sync {
      guard let state else { return .stopped }
      return state.currentDirection.map { RTCRtpTransceiverDirection($0) }
    }
  }

  /// Sets the wanted direction (W3C webrtc-pc section 5.4, direction).
  ///
  /// - Throws: `InvalidStateError` when the transceiver is stopped, `TypeError` for `stopped`.
  public func setDirection(_ direction: RTCRtpTransceiverDirection) throws(RTCError) {
    guard direction != .stopped else {
      throw RTCError(.type, "A transceiver is stopped by stop().")
    }
    try loop.sync { () throws(RTCError) in
      guard let state, !state.isStopping, let transport else {
        throw RTCError(.invalidState, "The transceiver is stopped.")
      }
      transport.session.setDirection(direction.described, of: id)
      onChange()
    }
  }

  /// Ends sending and receiving for good; the next exchange tells the peer (section 5.4, stop).
  public func stop() {
    loop.sync {
      guard let state, !state.isStopping, let transport else { return }
      sender.unbind()
      receiver.end()
      transport.session.stopTransceiver(id)
      onChange()
    }
  }
}
