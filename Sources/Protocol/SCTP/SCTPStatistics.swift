// SPDX-License-Identifier: Apache-2.0

/// What an association has counted.
public struct SCTPStatistics: Hashable, Sendable {
  /// Packets handed out.
  public internal(set) var packetsSent = 0
  /// Packets handed in.
  public internal(set) var packetsReceived = 0
  /// Messages of which the last part was handed out for the first time.
  public internal(set) var messagesSent = 0
  /// Messages delivered.
  public internal(set) var messagesReceived = 0
  /// Bytes of payload handed out for the first time.
  public internal(set) var bytesSent = 0
  /// Bytes of payload delivered.
  public internal(set) var bytesReceived = 0
  /// Chunks handed out again.
  public internal(set) var chunksRetransmitted = 0
  /// Messages given up, before or after parts of them were sent.
  public internal(set) var messagesAbandoned = 0
  /// Times that the retransmission timer ran out.
  public internal(set) var retransmissionTimeouts = 0
  /// Packets dropped, by reason.
  public internal(set) var dropped = Dropped()

  /// What was dropped.
  public struct Dropped: Hashable, Sendable {
    /// Packets and chunks that were cut short or contradicted themselves.
    public internal(set) var malformed = 0
    /// Packets with a wrong checksum.
    public internal(set) var checksum = 0
    /// Packets for other ports.
    public internal(set) var port = 0
    /// Packets with a wrong verification tag, and cookies that we have not made or that are stale.
    public internal(set) var tag = 0
    /// Chunks of a type that is not known, or not expected where the association stands.
    public internal(set) var unexpected = 0
    /// Data that had come before.
    public internal(set) var duplicate = 0
    /// Data for which there was no room.
    public internal(set) var overflow = 0
    /// Answers that did not fit or were too many.
    public internal(set) var unsent = 0
  }
}
