// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import RTP
internal import Wire

/// A sender of video and a receiver that asks for what it misses, over a link that loses packets.
///
/// One virtual clock, one seed: the same figures on every machine.
struct RTPSimulation {
  /// What the run is like.
  struct Scenario {
    var seed: UInt64 = 1
    var seconds = 60
    /// Share of the packets lost, in each direction.
    var loss = 0.05
    /// From one end to the other.
    var delay: Duration = .milliseconds(25)
    /// Each packet takes up to so much longer, which also reorders.
    var jitter: Duration = .zero
    var usesRTX = true
    /// Whether the receiver may ask for the round-trip time by extended reports.
    var asksForRoundTripTime = true
    /// Whether the receiver can be told to hold pictures back.
    var holdsPicturesBack = true
    var keyframeInterval = 300
  }

  /// What came of it.
  struct Outcome {
    var framesCaptured = 0
    var framesComplete = 0
    /// From capture to the last packet's arrival, sorted.
    var latencies: [Duration] = []
    var retransmittedShare = 0.0
    /// Frames that are on a screen of 60 pictures a second until the next of its pictures.
    var framesShown = 0
    /// The longest that frames were to be held back.
    var longestPlayoutDelay: Duration = .zero
    /// The time for which it was so on average.
    var playoutDelay: Duration = .zero
    var sender = VideoSenderStatistics()
    var largestPacket = 0
    var damagedContent = 0
  }

  private enum Arrival {
    case packet([UInt8])
    case control([UInt8])
    case feedback([UInt8])
  }

  private let scenario: Scenario
  private var random: RandomSource
  private var now = Timestamp.zero + .seconds(1)
  private var sender: VideoSender
  private var receiver: SimulatedReceiver
  private var frames: [EncodedFrame] = []
  private var link: [(at: Timestamp, arrival: Arrival)] = []
  private var lastScreen = Int64.min
  private var outcome = Outcome()

  /// Prepares a run.
  init(_ scenario: Scenario) {
    self.scenario = scenario
    random = .seeded(scenario.seed)
    var configuration = VideoSender.Configuration(
      ssrc: SSRC(rawValue: 0xC0FFEE),
      payloadType: PayloadType(lowBitsOf: 102),
      cname: "porthole"
    )
    configuration.mid = "0"
    configuration.midExtensionID = 4
    configuration.playoutDelayExtensionID = scenario.holdsPicturesBack ? 6 : nil
    if scenario.usesRTX {
      configuration.retransmissionSSRC = SSRC(rawValue: 0xBEEF)
      configuration.retransmissionPayloadType = PayloadType(lowBitsOf: 103)
    }
    sender = VideoSender(configuration, random: random, at: now)
    receiver = SimulatedReceiver(
      media: configuration.ssrc,
      asksForRoundTripTime: scenario.asksForRoundTripTime
    )
  }

  /// Runs it to the end.
  mutating func run() -> Outcome {
    let start = now
    var nextFrame = start
    var nextTick = start
    let end = start + .seconds(scenario.seconds)
    // The last frames get a second to arrive.
    while now < end + .seconds(1) {
      if now >= nextFrame, now < end {
        capture(at: nextFrame)
        nextFrame += .nanoseconds(33_333_333)
      }
      deliver()
      let asksAgain = now >= nextTick
      if asksAgain { nextTick += SimulatedReceiver.interval }
      if let feedback = receiver.feedback(at: now, asksAgain: asksAgain) {
        send(.feedback(feedback))
      }
      show()
      drainSender()
      var next = min(nextTick, link.first?.at ?? .distantFuture)
      if now < end { next = min(next, nextFrame) }
      if let deadline = sender.deadline, deadline > now { next = min(next, deadline) }
      now = max(next, now + .microseconds(1))
    }
    outcome.sender = sender.statistics
    outcome.latencies.sort()
    outcome.playoutDelay = outcome.playoutDelay / max(1, outcome.framesComplete)
    let first = sender.statistics.bytesSent - sender.statistics.retransmittedBytesSent
    outcome.retransmittedShare =
      Double(sender.statistics.retransmittedBytesSent) / Double(max(1, first))
    return outcome
  }

  private mutating func capture(at instant: Timestamp) {
    let number = outcome.framesCaptured
    outcome.framesCaptured += 1
    let isKeyframe = number % scenario.keyframeInterval == 0
    // 2 Mbit/s at 30 frames a second: 8 kB a frame, keyframes five times as large.
    let frame: EncodedFrame =
      isKeyframe
      ? .sample(
        [12, 4, 40_000],
        types: [7, 8, 5],
        number: UInt64(number),
        captured: instant,
        isKeyframe: true,
        using: &random
      )
      : .sample(
        [Int.random(in: 4_000...12_000, using: &random)],
        number: UInt64(number),
        captured: instant,
        using: &random
      )
    frames.append(frame)
    sender.enqueue(frame, at: now)
  }

  private mutating func drainSender() {
    let now = now
    while let packet = [UInt8](writing: { sender.nextPacket(into: &$0, at: now) }) {
      outcome.largestPacket = max(outcome.largestPacket, packet.count)
      send(.packet(packet))
    }
    let wallClock = WallClock(unixNanoseconds: 1_700_000_000_000_000_000 + now.nanoseconds)
    while let control = [UInt8](writing: {
      sender.nextControl(into: &$0, at: now, wallClock: wallClock)
    }) {
      send(.control(control))
    }
  }

  private mutating func send(_ arrival: Arrival) {
    // A receiver cannot know of packets before the first it sees: those arrive, and in order.
    let isBeginning = outcome.framesCaptured < 2
    guard Double.random(in: 0..<1, using: &random) >= scenario.loss || isBeginning else { return }
    let most = isBeginning ? 0 : max(0, scenario.jitter.inNanoseconds)
    let extra = Int64.random(in: 0...most, using: &random)
    let at = now + scenario.delay + .nanoseconds(extra)
    var index = link.count
    while index > 0, link[index - 1].at > at { index -= 1 }
    link.insert((at, arrival), at: index)
  }

  private mutating func deliver() {
    while let next = link.first, next.at <= now {
      link.removeFirst()
      switch next.arrival {
      case .packet(let packet): receiver.receive(packet, at: now)
      case .control(let control): receiver.receive(control: control, at: now)
      case .feedback(let feedback):
        var reader = RTCPReader(feedback.span)
        while let packet = reader.next() { sender.receive(packet, at: now) }
      }
    }
  }

  /// Takes the pictures that are whole and puts them on the screen when they are due.
  private mutating func show() {
    while let picture = receiver.nextAccessUnit() {
      // The noise in a picture is its name.
      guard let frame = frames.first(where: { $0.bytes == picture.bytes }),
        frame.nalUnits == picture.nalUnits
      else {
        outcome.damagedContent += 1
        continue
      }
      frames.removeAll { $0.number <= frame.number }
      outcome.framesComplete += 1
      outcome.latencies.append(now - frame.captured)
      outcome.longestPlayoutDelay = max(outcome.longestPlayoutDelay, receiver.playoutDelay)
      outcome.playoutDelay += receiver.playoutDelay
      let due = max(now, frame.captured + scenario.delay + receiver.playoutDelay)
      let screen = due.nanoseconds * 60 / 1_000_000_000
      if screen > lastScreen { outcome.framesShown += 1 }
      lastScreen = max(lastScreen, screen)
    }
  }
}
