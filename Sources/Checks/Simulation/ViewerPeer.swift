// SPDX-License-Identifier: Apache-2.0
public import DTLS
internal import ICE
public import RTP
internal import SRTP
public import Wire

/// The other end of a camera: offers to receive one video, as a browser does, and puts frames together.
///
/// Built from the same cores as a session but joined apart from it, so that a simulation or a load
/// tool tests the assembly and not only a mirror of it.
public struct ViewerPeer: ~Copyable {
  /// How a viewer behaves.
  public struct Configuration: Sendable {
    /// What it shows to DTLS.
    public var identity: DTLSIdentity
    /// What it says in `a=setup`.
    public var setup = "actpass"
    /// The fingerprint in its offer; `nil` says its own.
    public var fingerprint: DTLSFingerprint?
    /// Whether it offers RTX.
    public var offersRetransmission = true
    /// Whether it offers generic NACK and sends it for gaps.
    public var offersNACK = true
    /// Whether its candidates stand in the offer.
    public var tellsCandidates = false

    /// Creates the behaviour of an ordinary browser with `identity`.
    public init(identity: DTLSIdentity) {
      self.identity = identity
    }
  }

  /// What it has seen.
  public struct Counts: Hashable, Sendable {
    /// Frames put together.
    public var frames = 0
    /// Of those, keyframes.
    public var keyframes = 0
    /// RTP packets that were authentic.
    public var packets = 0
    /// Of those, on the retransmission stream.
    public var retransmissions = 0
    /// The media stream's latest sequence number.
    public var lastNumber: UInt16 = 0
    /// How often these began again at zero.
    public var wraps = 0
    /// Sender reports.
    public var senderReports = 0
    /// Datagrams of media that came before keys, or failed authentication.
    public var refused = 0
    /// The longest datagram, in bytes.
    public var longest = 0
    /// Whether the sender said BYE.
    public var isGone = false
  }

  static let payloadType: UInt8 = 102
  static let retransmissionPayloadType: UInt8 = 103

  /// What it has seen so far.
  public private(set) var counts = Counts()
  /// Access units in order of arrival, for comparison with what was sent.
  public private(set) var units: [H264Depacketizer.AccessUnit] = []
  /// Whether access units are kept in `units`.
  public var keepsUnits = false

  private let configuration: Configuration
  private var random: RandomSource
  private var ice: ICEAgent
  private var dtls: DTLSSession?
  private var sender: SRTPSender?
  private var receiver: SRTPReceiver?
  private var isClient = false
  private var remoteFingerprints: [DTLSFingerprint] = []
  private let address: SocketAddress
  private let ssrc = SSRC(rawValue: 0x5EED_5EED)
  private var media: ReceptionStatistics?
  private var depacketizer = H264Depacketizer()
  private var reorder = ReorderBuffer()
  private var nextReport: Timestamp?
  private var nextNACK: Timestamp?
  private var control: [[UInt8]] = []

  /// Creates a viewer at `address`.
  public init(
    _ configuration: Configuration,
    at address: SocketAddress,
    random: RandomSource,
    now: Timestamp
  ) {
    self.configuration = configuration
    self.random = random
    self.address = address
    ice = ICEAgent(
      role: .controlling,
      credentials: .random(using: &self.random),
      random: self.random.fork(),
      at: now
    )
    _ = ice.addLocalCandidate(host: address)
  }

  /// Whether keys are agreed.
  public var isSecure: Bool { receiver != nil }

  /// Whether ICE has a path.
  public var hasPath: Bool { ice.path != nil }

  /// The offer of a viewer that receives one H.264 video.
  public var offer: String {
    let fingerprint = configuration.fingerprint ?? configuration.identity.fingerprint
    var lines = [
      "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
      "a=extmap-allow-mixed", "m=video 9 UDP/TLS/RTP/SAVPF 96 102 103", "c=IN IP4 0.0.0.0",
      "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-ufrag:\(ice.credentials.usernameFragment)",
      "a=ice-pwd:\(ice.credentials.password)", "a=ice-options:trickle",
      "a=fingerprint:\(fingerprint)", "a=setup:\(configuration.setup)", "a=mid:0",
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
      "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", "a=recvonly",
      "a=rtcp-mux", "a=rtcp-rsize", "a=rtpmap:96 VP8/90000", "a=rtpmap:102 H264/90000",
      "a=rtcp-fb:102 ccm fir", "a=rtcp-fb:102 nack pli",
      "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    ]
    if configuration.offersNACK { lines.append("a=rtcp-fb:102 nack") }
    if configuration.offersRetransmission {
      lines += ["a=rtpmap:103 rtx/90000", "a=fmtp:103 apt=102"]
    }
    if configuration.tellsCandidates {
      lines += ice.localCandidates.map { "a=\($0)" }
    }
    return lines.map { $0 + "\r\n" }.joined()
  }

  /// Applies the camera's answer: its candidates, credentials, role and fingerprint.
  public mutating func apply(answer: String, at now: Timestamp) {
    var fragment = ""
    var password = ""
    var candidates: [ICECandidate] = []
    for line in answer.utf8.split(whereSeparator: { $0 == 13 || $0 == 10 }) {
      let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = String(decoding: Array(parts[1]), as: UTF8.self)
      switch String(decoding: Array(parts[0]), as: UTF8.self) {
      case "a=ice-ufrag": fragment = value
      case "a=ice-pwd": password = value
      case "a=setup": isClient = value == "passive"
      case "a=fingerprint": remoteFingerprints = [DTLSFingerprint(parsing: value)].compactMap { $0 }
      case "a=candidate":
        if let candidate = ICECandidate(parsing: value) { candidates.append(candidate) }
      default: break
      }
    }
    ice.setRemoteCredentials(
      ICECredentials(usernameFragment: fragment, password: password),
      isLite: false
    )
    for candidate in candidates { ice.addRemoteCandidate(candidate, at: now) }
    ice.endOfRemoteCandidates()
    followICE(at: now)
  }

  /// Restarts ICE: the next `offer` has new credentials, and its answer is to be applied.
  public mutating func restart() {
    ice.restart(with: .random(using: &random))
  }

  /// Takes one datagram.
  public mutating func receive(
    _ datagram: Span<UInt8>,
    from source: SocketAddress,
    at now: Timestamp
  ) {
    guard datagram.count > 0 else { return }
    counts.longest = max(counts.longest, datagram.count)
    switch datagram[0] {
    case 0...3:
      ice.receive(datagram, from: source, to: address, at: now)
      followICE(at: now)
    case 20...63:
      startDTLS(at: now)
      dtls?.receive(datagram, at: now)
      followDTLS()
    case 128...191 where datagram.count > 1 && (192...223).contains(datagram[1]):
      receiveControl(datagram, at: now)
    case 128...191:
      receiveMedia(datagram, at: now)
    default: break
    }
  }

  /// Sends `packet` as RTCP as soon as there are keys, whatever it holds.
  public mutating func send(control packet: [UInt8]) {
    control.append(packet)
  }

  /// Says goodbye as a browser does: by DTLS.
  public mutating func close() {
    dtls?.close()
  }

  /// Fires what is due.
  public mutating func advance(to now: Timestamp) {
    ice.advance(to: now)
    followICE(at: now)
    dtls?.advance(to: now)
    followDTLS()
  }

  /// When `advance` and `nextTransmit` are to be called next.
  public var deadline: Timestamp? {
    let session: Timestamp? =
      switch dtls {
      case .some(let session): session.deadline
      case .none: nil
      }
    return ice.deadline.earlier(session).earlier(nextReport).earlier(nextNACK)
  }

  /// Writes the next datagram into the empty `slot`; answers where it goes.
  @_lifetime(slot: copy slot)
  public mutating func nextTransmit(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) -> Transmit? {
    if let transmit = ice.nextTransmit(into: &slot) { return transmit }
    guard let path = ice.path else { return nil }
    if dtls?.nextTransmit(into: &slot) == true { return path }
    guard sender != nil, writeFeedback(into: &slot, at: now) else { return nil }
    return sender?.protectControl(&slot) == true ? path : nil
  }

  private mutating func followICE(at now: Timestamp) {
    while ice.nextEvent() != nil {}
    if ice.path != nil { startDTLS(at: now) }
  }

  private mutating func startDTLS(at now: Timestamp) {
    guard dtls == nil, !remoteFingerprints.isEmpty else { return }
    dtls = try? DTLSSession(
      role: isClient ? .client : .server,
      identity: configuration.identity,
      remoteFingerprints: remoteFingerprints,
      at: now
    )
    dtls?.start(at: now)
  }

  private mutating func followDTLS() {
    while let event = dtls?.nextEvent() {
      guard case .connected(let keys) = event else { continue }
      let client = SRTPKeyingMaterial(masterKey: keys.clientKey, masterSalt: keys.clientSalt)
      let server = SRTPKeyingMaterial(masterKey: keys.serverKey, masterSalt: keys.serverSalt)
      sender = try? SRTPSender(isClient ? client : server)
      receiver = try? SRTPReceiver(isClient ? server : client)
    }
  }

  private mutating func receiveControl(_ datagram: Span<UInt8>, at now: Timestamp) {
    var packet = [UInt8](datagram)
    guard receiver?.unprotectControl(&packet) == true else {
      counts.refused += 1
      return
    }
    var reader = RTCPReader(packet.span)
    while let item = reader.next() {
      switch item {
      case .senderReport(let report):
        counts.senderReports += 1
        media?.receive(report, at: now)
      case .bye: counts.isGone = true
      default: break
      }
    }
  }

  private mutating func receiveMedia(_ datagram: Span<UInt8>, at now: Timestamp) {
    var packet = [UInt8](datagram)
    guard receiver?.unprotect(&packet) == true,
      let (header, payload) = RTPHeader.parse(packet.span)
    else {
      counts.refused += 1
      return
    }
    counts.packets += 1
    if header.payloadType.rawValue == Self.retransmissionPayloadType {
      guard payload.count > 2 else { return }
      counts.retransmissions += 1
      var original = header
      let number = UInt16(packet[payload.lowerBound]) << 8 | UInt16(packet[payload.lowerBound + 1])
      original.sequenceNumber = SequenceNumber(rawValue: number)
      reorder.insert(original, Array(packet[payload].dropFirst(2)))
    } else {
      if media?.ssrc != header.ssrc {
        media = ReceptionStatistics(ssrc: header.ssrc)
        nextReport = now
      }
      let number = header.sequenceNumber.rawValue
      if counts.lastNumber > 0xF000, number < 0x1000 { counts.wraps += 1 }
      counts.lastNumber = number
      media?.receive(header.sequenceNumber, timestamp: header.timestamp, at: now)
      reorder.insert(header, Array(packet[payload]))
    }
    if reorder.hasGap, nextNACK == nil { nextNACK = now }
    deliver()
  }

  private mutating func deliver() {
    while let (header, payload) = reorder.next() {
      depacketizer.receive(payload.span, header: header)
      while let unit = depacketizer.nextAccessUnit() {
        counts.frames += 1
        if unit.isKeyframe { counts.keyframes += 1 }
        if keepsUnits { units.append(unit) }
      }
    }
  }

  /// A receiver report each second, and a NACK for what is missing, each 20 ms at most.
  @_lifetime(slot: copy slot)
  private mutating func writeFeedback(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) -> Bool {
    if !control.isEmpty {
      let packet = control.removeFirst()
      for byte in packet { slot.append(byte) }
      return true
    }
    guard let stream = media?.ssrc else { return false }
    if let due = nextNACK, due <= now {
      nextNACK = reorder.hasGap ? now + .milliseconds(20) : nil
      if reorder.giveUp() {
        deliver()
        let request = RTCPPacket.pictureLossIndication(sender: ssrc, media: stream)
        return request.write(into: &slot)
      }
      let missing = reorder.missing.map { RTCPPacket.MissingPackets(first: $0) }
      if configuration.offersNACK, !missing.isEmpty {
        return RTCPPacket.genericNACK(sender: ssrc, media: stream, missing).write(into: &slot)
      }
    }
    guard let due = nextReport, due <= now, let block = media?.takeReportBlock(at: now) else {
      return false
    }
    nextReport = now + .seconds(1)
    return RTCPPacket.receiverReport(.init(ssrc: ssrc, reports: [block])).write(into: &slot)
  }
}
