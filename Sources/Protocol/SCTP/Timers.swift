// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What is due when.
struct Timers: Sendable {
  /// Something that is repeated until it is answered.
  struct Repetition: Hashable, Sendable {
    var due: Timestamp
    var interval: Duration
    var count = 0

    init(at now: Timestamp, interval: Duration) {
      due = now + interval
      self.interval = interval
    }

    /// Waits twice as long for the next.
    mutating func again(at now: Timestamp, maximum: Duration) {
      interval = min(interval * 2, maximum)
      due = now + interval
      count += 1
    }
  }

  /// INIT or COOKIE ECHO (T1).
  var handshake: Repetition?
  /// SHUTDOWN or SHUTDOWN ACK (T2).
  var shutdown: Repetition?
  /// After it a shutdown is an abort (T5).
  var shutdownEnd: Timestamp?
  /// Outstanding data (T3).
  var retransmission: Timestamp?
  /// A SACK that was kept back.
  var acknowledgement: Timestamp?
  /// The next HEARTBEAT.
  var heartbeat: Timestamp?
  /// The answer to the last one.
  var heartbeatAnswer: Timestamp?
  /// A request to reset streams.
  var reset: Timestamp?

  /// The first of all.
  var deadline: Timestamp? {
    retransmission.earlier(acknowledgement).earlier(heartbeat).earlier(heartbeatAnswer)
      .earlier(reset).earlier(handshake?.due).earlier(shutdown?.due).earlier(shutdownEnd)
  }
}
