// SPDX-License-Identifier: Apache-2.0

/// Where an association stands.
public enum SCTPState: Hashable, Sendable {
  /// Nothing was sent; a peer may begin.
  case closed
  /// The handshake is under way.
  case connecting
  /// Messages go both ways.
  case connected
  /// What was sent is still delivered; nothing new is taken.
  case shuttingDown
  /// It is over.
  case ended
}

/// What an association tells its caller.
public enum SCTPEvent: Hashable, Sendable {
  /// The handshake is done. Messages for streams that the peer does not offer were dropped.
  case connected
  /// A message came.
  case received(SCTPMessage)
  /// What waits for a stream has fallen to its threshold.
  case bufferedAmountLow(stream: UInt16)
  /// The peer knows that these streams of ours are closed; they can be used anew.
  case outgoingStreamsReset([UInt16])
  /// The peer refused to reset these streams.
  case outgoingResetFailed([UInt16])
  /// The peer has closed these streams in its direction.
  case incomingStreamsReset([UInt16])
  /// The peer began anew (RFC 9260 section 5.2.4, case A): what was under way in both directions is
  /// lost, and all streams begin anew.
  case restarted
  /// The association is over.
  case closed(SCTPClosure)
}

/// Why an association is over.
public enum SCTPClosure: Hashable, Sendable {
  /// Both sides have delivered everything.
  case shutdown
  /// We have called `abort`.
  case aborted
  /// The peer has aborted, and said this.
  case abortedByPeer(String)
  /// The peer has not answered for too long.
  case timedOut
  /// The peer did what it must not: we have aborted and say what it was.
  case protocolViolation(String)
}
