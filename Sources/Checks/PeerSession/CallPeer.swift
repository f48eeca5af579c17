// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import MediaTypes
internal import PeerSession
internal import RTP
internal import SDP
internal import Wire

/// One of the two ends of a simulated call: a session, its way out, and a ledger of its media.
struct CallPeer: ~Copyable {
  var session: PeerSession
  let address: SocketAddress
  /// Whether it gives way when both offer at once.
  let isPolite: Bool
  /// The way to the other end.
  var link: Link
  /// The generation of ICE that candidates were gathered for.
  var gathered = ""
  /// Whether an offer of the other end was passed over, and so are its candidates.
  var ignoresOffer = false
  /// Check sums of what was sent and of what has come, by m-line.
  private(set) var sent: [String: [UInt32]] = [:]
  private(set) var received: [String: [UInt32]] = [:]
  /// What has become of its data channels.
  var channels = ChannelLedger()
  private(set) var failures: [DTLSFailure] = []
  private(set) var wasClosedByPeer = false
  private(set) var keyframeRequests = 0
  private var waiting: Set<Transceiver.ID> = []
  private var numbers: [Transceiver.ID: UInt64] = [:]
  private var random: RandomSource

  init(
    _ identity: DTLSIdentity,
    at address: SocketAddress,
    isPolite: Bool,
    weather: Link.Weather,
    random: RandomSource,
    now: Timestamp
  ) {
    var random = random
    session = PeerSession(
      PeerSession.Configuration(identity: identity),
      random: random.fork(),
      wallClock: Self.wallClock(now),
      at: now
    )
    self.address = address
    self.isPolite = isPolite
    link = Link(weather, seed: random.next())
    self.random = random
  }

  /// A track of the profile that all these calls are in.
  static func track(_ name: String, _ kind: MediaKind = .video) -> OutgoingTrack {
    OutgoingTrack(
      trackID: name,
      streamIDs: ["stream-\(name)"],
      profile: kind == .video ? H264Profile(.constrainedBaseline, .level4) : nil
    )
  }

  /// Does the handshake's work and takes the events.
  mutating func follow(at now: Timestamp) {
    if var handshake = session.lendHandshake() {
      handshake.work(at: now)
      session.restoreHandshake(handshake, at: now)
    }
    while let event = session.nextEvent() {
      switch event {
      case .keyframeNeeded(let id, _):
        keyframeRequests += 1
        waiting.insert(id)
      case .videoReceived(let id, let frame): enter(Self.sum(frame.bytes), from: id)
      case .audioReceived(let id, let audio): enter(Self.sum(audio.bytes), from: id)
      case .handshakeFailed(let failure): failures.append(failure)
      case .closedByPeer: wasClosedByPeer = true
      case .channel(let id, let event): channels.take(event, of: id, session.dataChannel(id))
      case .dataTransportChanged(let state): channels.transport.append(state)
      case .iceStateChanged, .connectionStateChanged: break
      }
    }
  }

  /// Sends a frame of each video and a packet of each sound that the other end takes.
  mutating func sendMedia(at now: Timestamp) {
    guard session.state == .connected else { return }
    for transceiver in session.transceivers where transceiver.outgoing != nil {
      guard transceiver.direction.sends, let mid = session.mid(sending: transceiver.id) else {
        continue
      }
      let number = numbers[transceiver.id, default: 0]
      numbers[transceiver.id] = number + 1
      let wall = Self.wallClock(now)
      switch transceiver.kind {
      case .video:
        let isKeyframe = waiting.remove(transceiver.id) != nil || number == 0
        let size = Int.random(in: 40...3_000, using: &random)
        let frame = EncodedFrame.sample(
          isKeyframe ? [12, 6, size * 2] : [size],
          types: isKeyframe ? [7, 8, 5] : [1],
          number: number,
          captured: now,
          isKeyframe: isKeyframe,
          using: &random
        )
        sent[mid, default: []].append(Self.sum(frame.bytes))
        session.send(frame, on: transceiver.id, wallClock: wall, at: now)
      case .audio:
        let codec = session.audioCodec(sending: transceiver.id) ?? .opus
        let audio = EncodedAudio(
          bytes: random.bytes(80),
          captured: now,
          number: number,
          timestamp: Int64(number) * Int64(codec.clockRate / 25),
          payloadType: 111,
          codec: codec
        )
        sent[mid, default: []].append(Self.sum(audio.bytes))
        session.send(audio, on: transceiver.id, wallClock: wall, at: now)
      }
    }
  }

  /// Begins the ledger anew.
  mutating func clearLedger() {
    sent = [:]
    received = [:]
  }

  private mutating func enter(_ sum: UInt32, from id: Transceiver.ID) {
    let mid = session.transceivers.first { $0.id == id }?.mid
    received[mid ?? "?", default: []].append(sum)
  }

  private static func sum(_ bytes: [UInt8]) -> UInt32 { Checksum.crc32(bytes.span) }

  private static func wallClock(_ now: Timestamp) -> WallClock {
    WallClock(unixNanoseconds: 1_800_000_000_000_000_000 &+ now.nanoseconds)
  }
}
