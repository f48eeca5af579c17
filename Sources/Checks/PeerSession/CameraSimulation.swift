// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import MediaTypes
internal import PeerSession
internal import RTP
internal import SDP
internal import Wire

/// A camera and a viewer on a virtual clock, joined by two lossy links; hours run in seconds.
struct CameraSimulation: ~Copyable {
  /// One run: the weather each way, how long, and what either end does.
  struct Scenario {
    var seed: UInt64
    var weather = Link.Weather()
    var length = Duration.seconds(5)
    var viewer: ViewerPeer.Configuration
    var usesCameraCandidates = true
    var keepsUnits = false
    /// What an attacker adds behind each datagram to the camera.
    var inject: ((_ datagram: [UInt8]) -> [[UInt8]])?
    /// Where the attacker sends from: the viewer's very address unless said otherwise.
    var attacker = CameraSimulation.viewerAddress

    init(seed: UInt64, viewer: DTLSIdentity) {
      self.seed = seed
      self.viewer = ViewerPeer.Configuration(identity: viewer)
    }
  }

  static let cameraAddress = SocketAddress(.v4(0x0A00_0001), port: 5000)
  static let viewerAddress = SocketAddress(.v4(0x0A00_0002), port: 6000)
  static let profile = H264Profile("42e01f")
  /// Certificates cost milliseconds to make: two serve every simulation.
  static let cameraIdentity = identity()
  static let viewerIdentity = identity()

  /// What pictures are made of: to draw each byte anew would take longer than all the rest.
  private static let noise = [UInt8](
    (0..<131_072).lazy.map { UInt8(truncatingIfNeeded: ($0 &* 0x9E37_79B1) >> 13) }
  )

  private static func identity() -> DTLSIdentity {
    var random = RandomSource.system
    do {
      return try DTLSIdentity.make(using: &random)
    } catch {
      preconditionFailure("no certificate: \(error)")
    }
  }

  private let scenario: Scenario
  private(set) var now = Timestamp(nanoseconds: 1_000_000_000)
  private(set) var session: PeerSession
  private(set) var viewer: ViewerPeer
  private var toViewer: Link
  private var toCamera: Link
  private var random: RandomSource
  private var nextFrame: Timestamp?
  private var wantsKeyframe = false
  private var end: Timestamp
  private var isViewerCutOff = false
  private var checksums: [UInt32] = []
  /// Frames handed to the session since it was connected.
  private(set) var sent = 0
  private(set) var connectedAfter: Duration?
  private(set) var failures: [DTLSFailure] = []
  private(set) var keyframeRequests = 0

  init(_ scenario: Scenario) throws {
    self.scenario = scenario
    var random = RandomSource.seeded(scenario.seed)
    let wall = WallClock(unixNanoseconds: 1_800_000_000_000_000_000)
    session = PeerSession(
      PeerSession.Configuration(identity: Self.cameraIdentity),
      random: random.fork(),
      wallClock: wall,
      at: now
    )
    viewer = ViewerPeer(
      scenario.viewer,
      at: Self.viewerAddress,
      random: random.fork(),
      now: now
    )
    viewer.keepsUnits = scenario.keepsUnits
    toViewer = Link(scenario.weather, seed: random.next())
    toCamera = Link(scenario.weather, seed: random.next())
    self.random = random
    end = now + scenario.length
    // Viewer -> offer -> camera -> answer -> viewer
    try negotiate()
    tellCandidates()
  }

  private mutating func negotiate() throws {
    try session.setRemoteOffer(viewer.offer, at: now)
    guard let profile = Self.profile else { throw CheckFailure(description: "no profile") }
    let answer = try session.createAnswer(sending: [
      OutgoingVideo(trackID: "track", streamID: "stream", profile: profile)
    ])
    try session.setLocalAnswer(answer, at: now)
  }

  /// Offers and answers once more while the picture runs.
  mutating func renegotiate() throws {
    try negotiate()
    drain()
  }

  /// Restarts ICE from the viewer's side while the picture runs.
  mutating func restart() throws {
    viewer.restart()
    try negotiate()
    tellCandidates()
    drain()
  }

  private mutating func tellCandidates() {
    if scenario.usesCameraCandidates { session.addLocalCandidate(host: Self.cameraAddress) }
    session.endOfLocalCandidates()
    viewer.apply(answer: session.localDescription ?? "", at: now)
  }

  /// How both links treat what is sent from now on.
  var weather: Link.Weather {
    get { toViewer.weather }
    set {
      toViewer.weather = newValue
      toCamera.weather = newValue
    }
  }

  /// Lets the camera deliver frames again after `settleLinks`.
  mutating func resume(for length: Duration) {
    nextFrame = now
    extend(by: length)
    run()
  }

  /// Runs until the scenario's length is over, or `stop` says so.
  mutating func run(until stop: (borrowing CameraSimulation) -> Bool = { _ in false }) {
    drain()
    while now < end, !stop(self) {
      var next = session.deadline.earlier(viewer.deadline).earlier(toViewer.deadline)
        .earlier(toCamera.deadline).earlier(nextFrame)
      if let time = next, time <= now { next = now + .microseconds(100) }
      guard let next, next < end else {
        now = end
        break
      }
      now = next
      step()
      drain()
    }
  }

  /// Lets a run that is over go on.
  mutating func extend(by length: Duration) {
    end = now + length
  }

  /// From now on nothing comes from the viewer.
  mutating func cutViewerOff() {
    isViewerCutOff = true
  }

  /// Closes the camera's side, and sends what that has to say.
  mutating func closeCamera() {
    session.close()
    drain()
  }

  /// Delivers what is still on the way.
  mutating func settleLinks() {
    nextFrame = nil
    extend(by: .seconds(1))
    run()
  }

  /// Hands the session a datagram from the viewer's address at once.
  mutating func inject(_ datagram: [UInt8]) {
    session.receive(datagram.span, from: Self.viewerAddress, to: Self.cameraAddress, at: now)
    drain()
  }

  /// Lets the viewer send `packet` as RTCP, whatever it holds: authentic, but perhaps malformed.
  mutating func sendFromViewer(control packet: [UInt8]) {
    viewer.send(control: packet)
    drain()
  }

  /// Hands the session one more frame.
  mutating func pushFrame() {
    sendFrame()
    drain()
  }

  /// Whether what the viewer put together is what was sent, in the same order, gaps allowed.
  var isUnitOrderKept: Bool {
    var rest = checksums[...]
    for unit in viewer.units {
      let sum = Checksum.crc32(unit.bytes.span)
      guard let index = rest.firstIndex(of: sum) else { return false }
      rest = rest[(index + 1)...]
    }
    return true
  }

  private mutating func step() {
    while let (bytes, tag) = toViewer.receive(at: now) {
      viewer.receive(bytes.span, from: tag.source, at: now)
    }
    while let (bytes, tag) = toCamera.receive(at: now) {
      session.receive(bytes.span, from: tag.source, to: Self.cameraAddress, at: now)
      for extra in scenario.inject?(bytes) ?? [] {
        session.receive(extra.span, from: scenario.attacker, to: Self.cameraAddress, at: now)
      }
    }
    session.advance(to: now)
    viewer.advance(to: now)
    if let due = nextFrame, due <= now {
      nextFrame = due + .nanoseconds(33_333_333)
      sendFrame()
    }
  }

  private mutating func drain() {
    if var handshake = session.lendHandshake() {
      handshake.work(at: now)
      session.restoreHandshake(handshake, at: now)
    }
    while let event = session.nextEvent() {
      switch event {
      case .connectionStateChanged(.connected) where connectedAfter == nil:
        connectedAfter = now - Timestamp(nanoseconds: 1_000_000_000)
        nextFrame = now
      case .keyframeNeeded:
        keyframeRequests += 1
        wantsKeyframe = true
      case .handshakeFailed(let failure): failures.append(failure)
      default: break
      }
    }
    pump()
  }

  private mutating func pump() {
    var transmit: Transmit?
    while true {
      let bytes = [UInt8](writing: {
        transmit = session.nextTransmit(into: &$0)
        return transmit != nil
      })
      guard let bytes, let transmit else { break }
      toViewer.send(bytes, tag: transmit, at: now)
    }
    let instant = now
    while true {
      let bytes = [UInt8](writing: {
        transmit = viewer.nextTransmit(into: &$0, at: instant)
        return transmit != nil
      })
      guard let bytes, let transmit else { break }
      if !isViewerCutOff { toCamera.send(bytes, tag: transmit, at: now) }
    }
  }

  private mutating func sendFrame() {
    let frame = Self.frame(
      number: UInt64(sent),
      isKeyframe: wantsKeyframe,
      captured: now,
      using: &random
    )
    wantsKeyframe = false
    sent += 1
    let bytes = frame.bytes
    if scenario.keepsUnits { checksums.append(Checksum.crc32(bytes.span)) }
    session.send(
      frame,
      on: "0",
      wallClock: WallClock(unixNanoseconds: 1_800_000_000_000_000_000 &+ now.nanoseconds),
      at: now
    )
  }

  /// A frame of 720p at 2 Mbit/s in its sizes, of bytes that differ from frame to frame.
  static func frame(
    number: UInt64,
    isKeyframe: Bool,
    captured: Timestamp,
    using random: inout RandomSource
  ) -> EncodedFrame {
    var bytes: [UInt8] = []
    var units: [Range<Int>] = []
    func append(_ type: UInt8, _ count: Int, _ random: inout RandomSource) {
      let start = bytes.count
      bytes.append(type)
      let offset = Int.random(in: 0...(noise.count - count), using: &random)
      bytes += noise[offset..<(offset + count)]
      units.append(start..<bytes.count)
    }
    if isKeyframe {
      append(0x67, 12, &random)
      append(0x68, 4, &random)
      append(0x65, Int.random(in: 20_000...40_000, using: &random), &random)
    } else {
      append(0x41, Int.random(in: 100...14_000, using: &random), &random)
    }
    return EncodedFrame(
      bytes: bytes,
      nalUnits: units,
      captured: captured,
      isKeyframe: isKeyframe,
      number: number
    )
  }
}
