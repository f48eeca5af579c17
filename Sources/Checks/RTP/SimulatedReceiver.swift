// SPDX-License-Identifier: Apache-2.0
internal import RTP
internal import Wire

/// A receiver of video as browsers are: puts packets in order, asks for missing ones, reports.
///
/// It asks for a packet as soon as a later one has come, unless that came as a retransmission, and
/// again in steps of 20 ms once a round trip is over; it takes a round trip for 100 ms until an
/// extended report tells it better.
struct SimulatedReceiver {
  /// When an unrepaired packet is given up.
  private static let patience: Duration = .milliseconds(600)
  /// How often it looks whether to ask again.
  static let interval: Duration = .milliseconds(20)
  private static let playoutDelayID: UInt8 = 6

  private struct Missing {
    var since: Timestamp
    /// Whether nobody need be asked yet.
    var isNew = true
    var asked: Timestamp?
  }

  private let own = SSRC(rawValue: 0xCAFE)
  private let media: SSRC
  private let asksForRoundTripTime: Bool
  private var roundTripTime: Duration = .milliseconds(100)
  private var statistics: ReceptionStatistics
  private var depacketizer = H264Depacketizer()
  private var pictures: [H264Depacketizer.AccessUnit] = []
  private var packets: [Int: [UInt8]] = [:]
  private var missing: [Int: Missing] = [:]
  private var next: Int?
  private var highest = 0
  private var nextReport: Timestamp?
  /// The least time that the sender wants pictures to be held back.
  private(set) var playoutDelay: Duration = .zero

  /// Creates a receiver of the stream `media`.
  init(media: SSRC, asksForRoundTripTime: Bool) {
    self.media = media
    self.asksForRoundTripTime = asksForRoundTripTime
    statistics = ReceptionStatistics(ssrc: media)
  }

  /// Takes an RTP packet, of the stream or of its RTX stream.
  mutating func receive(_ packet: [UInt8], at now: Timestamp) {
    guard let (header, payload) = RTPHeader.parse(packet.span) else { return }
    readPlayoutDelay(of: packet, header)
    var original = packet
    var number = header.sequenceNumber
    let isRepeated = header.ssrc != media
    if !isRepeated {
      statistics.receive(number, timestamp: header.timestamp, at: now)
    } else {
      guard payload.count > 2 else { return }
      let start = payload.lowerBound
      number = SequenceNumber(
        rawValue: UInt16(packet[start]) << 8 | UInt16(packet[start + 1])
      )
      original.removeSubrange(start..<(start + 2))
      original.replace(at: 2, bigEndian: number.rawValue)
    }
    store(original, as: number, isRepeated: isRepeated, at: now)
  }

  private mutating func readPlayoutDelay(of packet: [UInt8], _ header: RTPHeader) {
    var elements = RTPExtensions(of: packet.span, header: header)
    while let element = elements.next() {
      guard element.id == Self.playoutDelayID, element.value.count == 3 else { continue }
      let first = element.value.lowerBound
      let least = Int(packet[first]) << 4 | Int(packet[first + 1]) >> 4
      playoutDelay = .milliseconds(least * 10)
    }
  }

  private mutating func store(
    _ packet: [UInt8],
    as number: SequenceNumber,
    isRepeated: Bool,
    at now: Timestamp
  ) {
    guard let next else {
      self.next = Int(number.rawValue)
      highest = Int(number.rawValue)
      packets[highest] = packet
      deliver(at: now)
      return
    }
    let last = SequenceNumber(rawValue: UInt16(truncatingIfNeeded: highest))
    let step = Int(Int16(truncatingIfNeeded: Int(number.distance(after: last))))
    let index = highest + step
    guard index >= next else { return }
    if index > highest {
      for lost in (highest + 1)..<max(index, highest + 1) { missing[lost] = Missing(since: now) }
      highest = index
    }
    if !isRepeated {
      for lost in missing.keys where lost < index { missing[lost]?.isNew = false }
    }
    missing[index] = nil
    packets[index] = packet
    deliver(at: now)
  }

  private mutating func deliver(at now: Timestamp) {
    while let index = next, index <= highest {
      if let packet = packets.removeValue(forKey: index) {
        if let (header, payload) = RTPHeader.parse(packet.span) {
          depacketizer.receive(packet.span.extracting(payload), header: header)
          while let picture = depacketizer.nextAccessUnit() { pictures.append(picture) }
        }
      } else if let lost = missing[index], now - lost.since < Self.patience {
        return
      }
      missing[index] = nil
      next = index + 1
    }
  }

  /// The next picture that is whole.
  mutating func nextAccessUnit() -> H264Depacketizer.AccessUnit? {
    pictures.isEmpty ? nil : pictures.removeFirst()
  }

  /// Takes a datagram of RTCP.
  mutating func receive(control: [UInt8], at now: Timestamp) {
    var reader = RTCPReader(control.span)
    while let packet = reader.next() {
      switch packet {
      case .senderReport(let report): statistics.receive(report, at: now)
      case .extendedReport(let report):
        for answer in report.answers where answer.ssrc == own {
          let time = WallClock(unixNanoseconds: now.nanoseconds).ntp
          let elapsed =
            UInt32(truncatingIfNeeded: time >> 16) &- answer.lastReference &- answer.delay
          roundTripTime = .nanoseconds(Int64(elapsed) * 1_000_000_000 >> 16)
        }
      default: break
      }
    }
  }

  /// The feedback that is due: NACK for what is missing, a report every second.
  ///
  /// With `asksAgain` NACK also for what was asked for a round trip ago.
  mutating func feedback(at now: Timestamp, asksAgain: Bool) -> [UInt8]? {
    deliver(at: now)
    var due: [SequenceNumber] = []
    for (index, lost) in missing.sorted(by: { $0.key < $1.key }) {
      if lost.isNew { continue }
      if let asked = lost.asked, !asksAgain || now - asked < roundTripTime { continue }
      missing[index]?.asked = now
      due.append(SequenceNumber(rawValue: UInt16(truncatingIfNeeded: index)))
    }
    let isReportDue = nextReport.map { $0 <= now } ?? (next != nil)
    guard isReportDue || !due.isEmpty else { return nil }
    var blocks: [RTCPPacket.ReportBlock] = []
    if isReportDue {
      nextReport = now + .seconds(1)
      blocks = [statistics.takeReportBlock(at: now)]
    }
    var entries: [RTCPPacket.MissingPackets] = []
    for number in due {
      if let last = entries.last, (1...16).contains(number.distance(after: last.first)) {
        entries[entries.count - 1].following |= 1 << (number.distance(after: last.first) - 1)
      } else {
        entries.append(.init(first: number))
      }
    }
    let own = own
    let media = media
    let asks = asksForRoundTripTime && isReportDue
    let time = WallClock(unixNanoseconds: now.nanoseconds).ntp
    return [UInt8](writing: { slot in
      RTCPPacket.receiverReport(.init(ssrc: own, reports: blocks)).write(into: &slot)
        && (!asks
          || RTCPPacket.extendedReport(.init(sender: own, referenceTime: time)).write(into: &slot))
        && (entries.isEmpty
          || RTCPPacket.genericNACK(sender: own, media: media, entries).write(into: &slot))
    })
  }
}
