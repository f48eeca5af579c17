// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import PeerSession
internal import RTP
internal import Wire

/// What one connection has counted, with the W3C's names where it has them (webrtc-stats).
public struct PeerCounters: Hashable, Sendable {
  /// Frames sent on all m-lines.
  public var framesSent: UInt64 = 0
  /// Of those, IDR pictures.
  public var keyFramesSent: UInt64 = 0
  /// RTP packets sent.
  public var packetsSent: UInt64 = 0
  /// Payload bytes sent.
  public var bytesSent: UInt64 = 0
  /// Packets sent again.
  public var retransmittedPacketsSent: UInt64 = 0
  /// Generic NACKs received.
  public var nackCount: UInt64 = 0
  /// Picture loss indications received.
  public var pliCount: UInt64 = 0
  /// Full intra requests received.
  public var firCount: UInt64 = 0
  /// Whole pictures received.
  public var framesReceived: UInt64 = 0
  /// Part of the packets that the viewer last reported lost, 0…1.
  public var fractionLost = 0.0
  /// The round trip in seconds, by RTCP or else by ICE.
  public var roundTripTime: Double?
  /// Datagrams dropped on receipt, by the reason.
  public var dropped = DroppedDatagrams()
  /// Fresh starts of the DTLS handshake after something broke it.
  public var handshakeRestarts: UInt64 = 0

  init(_ transport: PeerTransport) {
    for (_, video) in transport.session.videoStatistics {
      framesSent += video.framesSent
      keyFramesSent += video.keyFramesSent
      packetsSent += video.packetsSent
      bytesSent += video.bytesSent
      retransmittedPacketsSent += video.retransmittedPacketsSent
      nackCount += video.nackCount
      pliCount += video.pliCount
      firCount += video.firCount
      fractionLost = max(fractionLost, video.remote?.fractionLost ?? 0)
      roundTripTime = video.remote?.roundTripTime?.inSeconds ?? roundTripTime
    }
    for (_, media) in transport.session.receiverStatistics {
      framesReceived += media.framesReceived
    }
    roundTripTime = roundTripTime ?? transport.session.roundTripTime?.inSeconds
    dropped = DroppedDatagrams(of: transport.session)
    handshakeRestarts = transport.session.handshakeStatistics.restarts
  }
}
