// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import RTP
public import Wire

extension PeerSession {
  /// When `advance` is to be called next; may change after any other call.
  public var deadline: Timestamp? {
    guard connectionState != .closed else { return nil }
    var earliest = ice.deadline
    earliest = earliest.earlier(dtlsDeadline)
    guard srtpSender != nil, ice.path != nil else { return earliest }
    for line in lines { earliest = earliest.earlier(line.deadline) }
    earliest = earliest.earlier(channels.deadline)
    return earliest
  }

  private var dtlsDeadline: Timestamp? {
    switch dtls {
    case .some(let session): session.deadline
    case .none: nil
    }
  }

  /// Fires what is due at `now`; harmless if nothing is.
  public mutating func advance(to now: Timestamp) {
    self.now = now
    guard connectionState != .closed else { return }
    ice.advance(to: now)
    followICE()
    dtls?.advance(to: now)
    followDTLS()
    guard srtpReceiver != nil else { return }
    for index in lines.indices { lines[index].advance(to: now) }
    raiseMedia()
    channels.advance(to: now)
    followChannels()
  }
}
