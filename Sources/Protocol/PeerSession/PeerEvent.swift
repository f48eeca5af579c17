// SPDX-License-Identifier: Apache-2.0
public import DTLS
public import ICE
public import MediaTypes

/// What a session tells its owner.
public enum PeerEvent: Sendable {
  /// The ICE agent's state changed.
  case iceStateChanged(ICEConnectionState)
  /// The connection as a whole changed (W3C webrtc-pc section 4.4.3).
  case connectionStateChanged(PeerConnectionState)
  /// The peer needs an IDR picture of a transceiver; it `hasJoined` when it has had none yet.
  case keyframeNeeded(Transceiver.ID, hasJoined: Bool)
  /// A picture has come whole on a transceiver, still encoded.
  case videoReceived(Transceiver.ID, EncodedFrame)
  /// A packet of sound has come on a transceiver, still encoded.
  case audioReceived(Transceiver.ID, EncodedAudio)
  /// The peer ended the session (DTLS close_notify).
  case closedByPeer
  /// Something has become of a data channel.
  case channel(DataChannel.ID, DataChannelEvent)
  /// The transport of the data channels is connected, or over.
  case dataTransportChanged(DataTransport.State)
  /// DTLS ended for good, so no media flows; the reason is for a person.
  case handshakeFailed(DTLSFailure)
}

/// The connection as a whole: ICE and DTLS together.
public enum PeerConnectionState: String, Hashable, Sendable {
  /// Nothing has started.
  case new
  /// A path is being sought, or DTLS is shaking hands.
  case connecting
  /// Media flows.
  case connected
  /// The path has been silent for a while; it may come back.
  case disconnected
  /// It will not come back by itself.
  case failed
  /// Closed by either side.
  case closed
}
