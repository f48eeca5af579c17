// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Sound
internal import Wire

/// A sender of sound, a network, and a card that plays what a jitter buffer tells it, on one virtual
/// clock.
struct PlayoutSimulation {
  /// What becomes of a packet.
  struct Fate {
    /// When each copy of it arrives after it was sent; none is lost.
    var delays: [Duration]
    /// Bytes of what it carries: one or two say that nobody speaks.
    var size = 40
  }

  /// What was played, 10 ms at a time.
  struct Sound {
    /// Numbers of the packets, as they were decoded.
    var decoded: [UInt64] = []
    /// Numbers of the packets whose copies made good those before them.
    var recoveredFrom: [UInt64] = []
    /// Ticks of each kind that was no packet.
    var concealed = 0
    var noise = 0
    var silence = 0
    /// From the sending of each packet that was decoded to its first sample.
    var delays: [Duration] = []
  }

  static let ticks = 960
  static let rate = 48_000

  var buffer: JitterBuffer
  var sound = Sound()
  private(set) var now = Timestamp.zero
  private var waiting = 0
  private var sent: [(arrival: Timestamp, packet: EncodedAudio)] = []
  private var nextNumber: UInt64
  private var nextTimestamp: Int64
  private var nextSending = Timestamp.zero
  private var nextPull = Timestamp.zero
  private var sendings: [UInt64: Timestamp] = [:]

  init(
    _ configuration: JitterBuffer.Configuration = .init(),
    firstNumber: UInt64 = 1_000,
    firstTimestamp: Int64 = -500_000
  ) {
    buffer = JitterBuffer(configuration)
    nextNumber = firstNumber
    nextTimestamp = firstTimestamp
  }

  /// The sender goes on with other numbers.
  mutating func changeNumbers(to number: UInt64, timestamp: Int64) {
    nextNumber = number
    nextTimestamp = timestamp
  }

  /// Lets `duration` pass, in which a packet of 20 ms is sent every `interval` with the fate that
  /// `fate` tells of its index, and the card takes its 10 ms unless `isStalled`.
  mutating func run(
    _ duration: Duration,
    every interval: Duration = .milliseconds(20),
    isStalled: Bool = false,
    _ fate: (_ index: Int) -> Fate
  ) {
    let end = now + duration
    nextSending = max(nextSending, now)
    nextPull = max(nextPull, now)
    var index = 0
    while true {
      let next = min(nextSending, nextPull, sent.first?.arrival ?? .distantFuture)
      guard next < end else { break }
      now = next
      if nextSending == now {
        send(fate(index))
        index += 1
        nextSending += interval
        nextTimestamp += interval.inNanoseconds * Int64(Self.rate) / 1_000_000_000
      } else if let first = sent.first, first.arrival == now {
        sent.removeFirst()
        buffer.insert(first.packet, ticks: Self.ticks, at: now)
      } else {
        if !isStalled { pull() }
        nextPull += .milliseconds(10)
      }
    }
    now = end
  }

  private mutating func send(_ fate: Fate) {
    let packet = EncodedAudio(
      bytes: [UInt8](repeating: 0x78, count: fate.size),
      captured: now,
      number: nextNumber,
      timestamp: nextTimestamp,
      payloadType: 111
    )
    sendings[nextNumber] = now
    nextNumber &+= 1
    for delay in fate.delays {
      let arrival = now + delay
      let place = sent.lastIndex { $0.arrival <= arrival }.map { $0 + 1 } ?? 0
      sent.insert((arrival, packet), at: place)
    }
  }

  private mutating func pull() {
    while waiting < 480 {
      let start = now + .microseconds(Int64(waiting) * 1_000 / 48)
      switch buffer.next(waiting: waiting, at: now) {
      case .decode(let packet, let ticks):
        sound.decoded.append(packet.number)
        if let sending = sendings[packet.number] { sound.delays.append(start - sending) }
        waiting += ticks
      case .recover(let packet, let ticks):
        sound.recoveredFrom.append(packet.number)
        waiting += ticks
      case .conceal(let ticks):
        sound.concealed += ticks
        waiting += ticks
      case .comfortNoise(let ticks):
        sound.noise += ticks
        waiting += ticks
      case .silence(let ticks):
        sound.silence += ticks
        waiting += ticks
      }
    }
    waiting -= 480
  }
}
