// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What two sides know of one another after INIT and INIT ACK.
struct Agreement: Hashable, Sendable {
  /// Bytes inside a cookie.
  static let length = 25

  var localTag: VerificationTag
  var localTSN: TSN
  var peerTag: VerificationTag
  var peerTSN: TSN
  /// Bytes that the peer takes at first.
  var peerWindow: UInt32
  var outgoingStreams: UInt16
  var incomingStreams: UInt16
  /// What both can do; of `zeroChecksum` only whether the peer takes it.
  var capabilities: Capabilities

  /// Joins what we have offered with what the peer says.
  init(offer: InitiationChunk, peer: InitiationChunk) {
    localTag = offer.tag
    localTSN = offer.initialTSN
    peerTag = peer.tag
    peerTSN = peer.initialTSN
    peerWindow = peer.window
    outgoingStreams = min(offer.outgoingStreams, peer.incomingStreams)
    incomingStreams = min(offer.incomingStreams, peer.outgoingStreams)
    capabilities = offer.capabilities.union(.zeroChecksum).intersection(peer.capabilities)
  }

  /// Reads what `write` has written.
  init?(_ reader: inout ByteReader) {
    guard let localTag = reader.readUInt32(), let localTSN = reader.readUInt32(),
      let peerTag = reader.readUInt32(), let peerTSN = reader.readUInt32(),
      let window = reader.readUInt32(), let outgoing = reader.readUInt16(),
      let incoming = reader.readUInt16(), let capabilities = reader.readUInt8()
    else { return nil }
    self.localTag = VerificationTag(rawValue: localTag)
    self.localTSN = TSN(rawValue: localTSN)
    self.peerTag = VerificationTag(rawValue: peerTag)
    self.peerTSN = TSN(rawValue: peerTSN)
    peerWindow = window
    outgoingStreams = outgoing
    incomingStreams = incoming
    self.capabilities = Capabilities(rawValue: capabilities)
  }

  /// Appends it to a cookie.
  func write(to bytes: inout [UInt8]) {
    bytes.append(bigEndian: localTag.rawValue)
    bytes.append(bigEndian: localTSN.rawValue)
    bytes.append(bigEndian: peerTag.rawValue)
    bytes.append(bigEndian: peerTSN.rawValue)
    bytes.append(bigEndian: peerWindow)
    bytes.append(bigEndian: outgoingStreams)
    bytes.append(bigEndian: incomingStreams)
    bytes.append(capabilities.rawValue)
  }
}
