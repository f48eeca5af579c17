// SPDX-License-Identifier: Apache-2.0

extension RTCPeerConnection {
  /// What this connection has counted (W3C webrtc-pc section 8.2, getStats).
  ///
  /// With `track`, only what belongs to the sender or receiver of that track. The numbers are those of the
  /// moment of asking. A connection that has no transport yet, or no more, has the `peer-connection` alone.
  ///
  /// - Throws: `InvalidAccessError` when no sender or receiver, or more than one, has the track.
  public func getStats(
    _ track: MediaStreamTrack? = nil
  ) async throws(RTCError) -> RTCStatsReport {
    let report = StatsCollection(of: transport, transceivers, at: loop.wallClock).report
    guard let track else { return report }
    let sending = transceivers.filter { $0.sender.track === track }.map(\.sender.statsPrefix)
    let receiving = transceivers.filter { $0.receiver.track === track }.map(\.receiver.statsPrefix)
    guard let prefix = (sending + receiving).first, sending.count + receiving.count == 1 else {
      throw RTCError(
        .invalidAccess,
        "\(sending.count) senders and \(receiving.count) receivers have the track: it must be one."
      )
    }
    return report.selecting { $0.id.hasPrefix(prefix) }
  }

  /// The statistics whose names begin with `prefix`, and all that they name.
  func stats(of prefix: String) -> RTCStatsReport {
    StatsCollection(of: transport, transceivers, at: loop.wallClock).report
      .selecting { $0.id.hasPrefix(prefix) }
  }
}

extension RTCRtpSender {
  /// How the names of this sender's statistics begin.
  var statsPrefix: String { StatsCollection.outbound(transceiver) }

  /// What is sent, what the peer reports of it, and all that they name (W3C webrtc-pc section 5.2, getStats).
  ///
  /// From any thread. Empty while nothing is sent, and once the connection is closed.
  public func getStats() async -> RTCStatsReport {
    await transport?.connection?.stats(of: statsPrefix) ?? RTCStatsReport()
  }
}

extension RTCRtpReceiver {
  /// How the names of this receiver's statistics begin.
  var statsPrefix: String { StatsCollection.inbound(transceiver) }

  /// What is received, what the peer reports of it, and all that they name (section 5.3, getStats).
  ///
  /// From any thread. Empty while nothing is received, and once the connection is closed.
  public func getStats() async -> RTCStatsReport {
    await transport?.connection?.stats(of: statsPrefix) ?? RTCStatsReport()
  }
}
