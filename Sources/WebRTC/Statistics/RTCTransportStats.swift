// SPDX-License-Identifier: Apache-2.0

/// ICE and DTLS (W3C webrtc-stats section 8.11): there is one for each connection.
public struct RTCTransportStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `transport`.
  public var type: RTCStatsType { .transport }
  /// Datagrams sent, checks of ICE left out.
  public internal(set) var packetsSent: UInt64 = 0
  /// Datagrams received, checks of ICE left out.
  public internal(set) var packetsReceived: UInt64 = 0
  /// Bytes of those sent, without IP and UDP headers.
  public internal(set) var bytesSent: UInt64 = 0
  /// Bytes of those received, without IP and UDP headers.
  public internal(set) var bytesReceived: UInt64 = 0
  /// Who decides which pair is used.
  public internal(set) var iceRole: RTCIceRole = .unknown
  /// Our ICE username fragment.
  public internal(set) var iceLocalUsernameFragment: String?
  /// How far DTLS is.
  public internal(set) var dtlsState: RTCDtlsTransportState = .new
  /// How far ICE is.
  public internal(set) var iceState: RTCIceTransportState?
  /// The pair that data goes by.
  public internal(set) var selectedCandidatePairId: String?
  /// Our certificate.
  public internal(set) var localCertificateId: String?
  /// The certificate of the peer.
  public internal(set) var remoteCertificateId: String?
  /// `FEFD`, which is DTLS 1.2, as its bytes in hexadecimal.
  public internal(set) var tlsVersion: String?
  /// The cipher suite of DTLS, by IANA's name.
  public internal(set) var dtlsCipher: String?
  /// Which end of the handshake we are.
  public internal(set) var dtlsRole: RTCDtlsRole?
  /// The protection profile of SRTP, by IANA's name.
  public internal(set) var srtpCipher: String?
  /// How often data has changed its way, the first way included.
  public internal(set) var selectedCandidatePairChanges: UInt64 = 0
}
