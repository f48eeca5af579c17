// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import RTP
internal import Wire

/// Our sender of video and our receiver of video over two links with bad weather.
///
/// One virtual clock, one seed: the same figures on every machine.
struct ReceptionSimulation {
  /// What the run is like.
  struct Scenario {
    var seed: UInt64
    var seconds = 20
    /// Towards the receiver and back.
    var weather = Link.Weather(latency: .milliseconds(25))
    var usesRTX = true
    var supportsNACK = true
    var reducedSizeRTCP = true
    /// When another sender takes the place of the first.
    var restart: Duration?
  }

  /// One frame that was handed out, and which captured frame it is.
  struct Reception {
    var frame: EncodedFrame
    var original: EncodedFrame
    var at: Timestamp
  }

  /// What came of it.
  struct Outcome {
    var captured = 0
    var receptions: [Reception] = []
    /// Frames handed out that nobody captured.
    var foreign = 0
    var keyframesAnswered = 0
    var sender = VideoSenderStatistics()
    var receiver = RTPReceiverStatistics()
    /// From the loss of the thread to the next frame handed out, the longest.
    var longestFreeze: Duration = .zero
  }

  private static let mediaPayloadType = PayloadType(lowBitsOf: 102)
  private static let retransmissionPayloadType = PayloadType(lowBitsOf: 103)
  private static let tag = Transmit(
    from: SocketAddress(.v4(1), port: 1),
    to: SocketAddress(.v4(2), port: 2)
  )

  private let scenario: Scenario
  private var random: RandomSource
  private var now = Timestamp.zero + .seconds(1)
  private var sender: VideoSender
  private var receiver: VideoReceiver
  private var out: Link
  private var back: Link
  private var frames: [EncodedFrame] = []
  private var outcome = Outcome()

  /// Prepares a run.
  init(_ scenario: Scenario) {
    self.scenario = scenario
    random = .seeded(scenario.seed)
    sender = Self.sender(scenario, ssrc: 0xC0FFEE, random: random.fork(), at: now)
    var configuration = VideoReceiver.Configuration(
      ssrc: SSRC(rawValue: 0xCAFE),
      payloadTypes: [Self.mediaPayloadType],
      cname: "porthole"
    )
    configuration.retransmissions = [Self.retransmissionPayloadType: Self.mediaPayloadType]
    configuration.supportsNACK = scenario.supportsNACK
    configuration.reducedSizeRTCP = scenario.reducedSizeRTCP
    receiver = VideoReceiver(configuration, random: random.fork(), at: now)
    receiver.assume(roundTripTime: scenario.weather.latency * 2)
    out = Link(scenario.weather, seed: random.next())
    back = Link(scenario.weather, seed: random.next())
  }

  private static func sender(
    _ scenario: Scenario,
    ssrc: UInt32,
    random: RandomSource,
    at now: Timestamp
  ) -> VideoSender {
    var configuration = VideoSender.Configuration(
      ssrc: SSRC(rawValue: ssrc),
      payloadType: mediaPayloadType,
      cname: "browser"
    )
    configuration.mid = "0"
    configuration.midExtensionID = 4
    if scenario.usesRTX {
      configuration.retransmissionSSRC = SSRC(rawValue: ssrc + 1)
      configuration.retransmissionPayloadType = retransmissionPayloadType
    }
    return VideoSender(configuration, random: random, at: now)
  }

  /// Runs it to the end.
  mutating func run() -> Outcome {
    let start = now
    var nextFrame = start
    var restart = scenario.restart.map { start + $0 }
    let end = start + .seconds(scenario.seconds)
    // The last frames get a second to arrive.
    while now < end + .seconds(1) {
      if let due = restart, due <= now {
        restart = nil
        sender = Self.sender(scenario, ssrc: 0xBEEF00, random: random.fork(), at: now)
      }
      if now >= nextFrame, now < end {
        capture(at: nextFrame)
        nextFrame += .nanoseconds(33_333_333)
      }
      deliver()
      drain()
      var next = sender.deadline.earlier(receiver.deadline).earlier(out.deadline)
        .earlier(back.deadline)
      next = next.earlier(now < end ? nextFrame : nil).earlier(restart)
      now = max(next ?? end + .seconds(1), now + .microseconds(100))
    }
    outcome.sender = sender.statistics
    outcome.receiver = receiver.statistics
    return outcome
  }

  private mutating func capture(at instant: Timestamp) {
    let isKeyframe = sender.takeKeyframeRequest() || outcome.captured == 0
    if isKeyframe { outcome.keyframesAnswered += 1 }
    let delta = Int.random(in: 1_000...6_000, using: &random)
    let frame = EncodedFrame.sample(
      isKeyframe ? [12, 4, 15_000] : [delta],
      types: isKeyframe ? [7, 8, 5] : [1],
      number: UInt64(outcome.captured),
      captured: instant,
      isKeyframe: isKeyframe,
      using: &random
    )
    outcome.captured += 1
    frames.append(frame)
    sender.enqueue(frame, at: now)
  }

  private mutating func drain() {
    let now = now
    let wallClock = WallClock(unixNanoseconds: 1_700_000_000_000_000_000 + now.nanoseconds)
    while let packet = [UInt8](writing: { sender.nextPacket(into: &$0, at: now) }) {
      out.send(packet, tag: Self.tag, at: now)
    }
    while let control = [UInt8](writing: {
      sender.nextControl(into: &$0, at: now, wallClock: wallClock)
    }) {
      out.send(control, tag: Self.tag, at: now)
    }
    while let control = [UInt8](writing: { receiver.nextControl(into: &$0, at: now) }) {
      back.send(control, tag: Self.tag, at: now)
    }
    while let frame = receiver.nextFrame() { note(frame) }
  }

  private mutating func deliver() {
    while let (bytes, _) = out.receive(at: now) {
      // RTCP's packet types stand where RTP has marker and payload type (RFC 5761 section 4).
      guard (192...223).contains(bytes[1]) else {
        receiver.receive(bytes.span, at: now)
        continue
      }
      var reader = RTCPReader(bytes.span)
      while let packet = reader.next() { receiver.receive(packet, at: now) }
    }
    while let (bytes, _) = back.receive(at: now) {
      var reader = RTCPReader(bytes.span)
      while let packet = reader.next() { sender.receive(packet, at: now) }
    }
  }

  private mutating func note(_ frame: EncodedFrame) {
    // The noise in a picture is its name.
    guard
      let position = frames.firstIndex(where: {
        $0.bytes.count == frame.bytes.count && $0.bytes == frame.bytes
      }), frames[position].nalUnits == frame.nalUnits
    else {
      outcome.foreign += 1
      return
    }
    if let last = outcome.receptions.last {
      outcome.longestFreeze = max(outcome.longestFreeze, now - last.at)
    }
    outcome.receptions.append(.init(frame: frame, original: frames[position], at: now))
    frames.removeFirst(position + 1)
  }
}
