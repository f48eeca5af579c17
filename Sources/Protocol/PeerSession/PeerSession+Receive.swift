// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import RTP
internal import SRTP
public import Wire

extension PeerSession {
  /// Longer datagrams are dropped: no path of ours carries them (S13).
  private static let maximumReceived = 1500

  /// Takes one datagram that arrived at `local` from `source`; whatever is wrong is dropped and counted.
  public mutating func receive(
    _ datagram: Span<UInt8>,
    from source: SocketAddress,
    to local: SocketAddress,
    at now: Timestamp
  ) {
    self.now = now
    statistics.datagramsReceived &+= 1
    statistics.bytesReceived &+= UInt64(datagram.count)
    guard connectionState != .closed else { return }
    let kind = DatagramKind(datagram)
    guard datagram.count <= Self.maximumReceived else {
      statistics.droppedUnknown &+= 1
      return
    }
    if kind == .stun {
      statistics.checksReceived &+= 1
      statistics.checkBytesReceived &+= UInt64(datagram.count)
      ice.receive(datagram, from: source, to: local, at: now)
      followICE()
      return
    }
    guard ice.accepts(from: source, to: local) else {
      statistics.droppedUnvalidated &+= 1
      return
    }
    switch kind {
    case .dtls: receiveDTLS(datagram)
    case .rtcp: receiveControl(datagram)
    case .rtp: receiveMedia(datagram)
    case .stun, .turnChannel, .unknown: statistics.droppedUnknown &+= 1
    }
  }

  private mutating func receiveDTLS(_ datagram: Span<UInt8>) {
    if security == .ended {
      statistics.droppedUnexpected &+= 1
    } else if let isSlow = dtls?.needsPublicKeyWork, !isSlow {
      dtls?.receive(datagram, at: now)
      followDTLS()
    } else if !inbox.append(datagram) {
      statistics.droppedOverflow &+= 1
    }
  }

  private mutating func receiveMedia(_ datagram: Span<UInt8>) {
    // Before anything costs: who sends what nobody agreed to is not even decrypted.
    guard srtpReceiver != nil, lines.contains(where: { $0.agreed.receiving != nil }) else {
      statistics.droppedUnexpected &+= 1
      return
    }
    scratch.removeAll(keepingCapacity: true)
    scratch.append(copying: datagram)
    guard srtpReceiver?.unprotect(&scratch) == true else {
      statistics.droppedUnauthenticated &+= 1
      return
    }
    let packet = scratch
    guard let index = demultiplexer.route(packet.span), lines.indices.contains(index) else {
      statistics.droppedUnexpected &+= 1
      return
    }
    lines[index].receive(media: packet.span, at: now)
    raiseMedia()
  }

  /// Tells the owner what has come whole.
  mutating func raiseMedia() {
    for index in lines.indices {
      let transceiver = lines[index].agreed.transceiver
      while let frame = lines[index].videoReceiver?.nextFrame() {
        events.append(.videoReceived(transceiver, frame))
      }
      while let audio = lines[index].audioReceiver?.nextAudio() {
        events.append(.audioReceived(transceiver, audio))
      }
    }
  }

  private mutating func receiveControl(_ datagram: Span<UInt8>) {
    guard srtpReceiver != nil else {
      statistics.droppedUnexpected &+= 1
      return
    }
    scratch.removeAll(keepingCapacity: true)
    scratch.append(copying: datagram)
    guard srtpReceiver?.unprotectControl(&scratch) == true else {
      statistics.droppedUnauthenticated &+= 1
      return
    }
    let compound = scratch
    var reader = RTCPReader(compound.span)
    while let packet = reader.next() {
      for index in lines.indices { lines[index].receive(control: packet, at: now) }
    }
    raiseKeyframeRequests()
  }

  mutating func raiseKeyframeRequests() {
    for index in lines.indices where lines[index].videoSender?.takeKeyframeRequest() == true {
      let hasJoined = lines[index].videoSender?.statistics.framesSent == 0
      events.append(
        .keyframeNeeded(lines[index].agreed.transceiver, hasJoined: hasJoined)
      )
    }
  }

  /// Carries ICE's news to DTLS and to the owner.
  mutating func followICE() {
    while let event = ice.nextEvent() {
      switch event {
      case .stateChanged(let state):
        events.append(.iceStateChanged(state))
      case .pathChanged:
        statistics.pathChanges &+= 1
        startHandshake()
      default:
        break
      }
    }
    updateConnectionState()
  }

  /// W3C webrtc-pc section 4.4.3, RTCPeerConnectionState: ICE and DTLS combined.
  mutating func updateConnectionState() {
    guard security != .ended else { return setConnectionState(.failed) }
    switch ice.state {
    case .failed:
      channels.fail("No path to the peer works any more.", &events, at: now)
      setConnectionState(.failed)
    case .disconnected: setConnectionState(.disconnected)
    case .closed: setConnectionState(.closed)
    case .new: break
    case .checking: setConnectionState(.connecting)
    case .connected, .completed:
      setConnectionState(srtpSender == nil ? .connecting : .connected)
    }
  }
}
