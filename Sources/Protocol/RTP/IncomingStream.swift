// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What a receiver of video and one of audio have in common: whose packets come, in which order,
/// when they were captured, and the reports about them.
struct IncomingStream: Sendable {
  /// What is to become of a packet.
  enum Admission {
    /// It belongs to no stream that is followed.
    case refused
    /// It belongs to the stream.
    case same
    /// It is the first of a new stream, or of a sender that began anew.
    case restarted
  }

  /// What names the receiver in RTCP.
  struct Identity: Sendable {
    var ssrc: SSRC
    var canonicalName: String
    var mid: String?
  }

  /// How long packets of a stream that was left are still known as such.
  static let remembrance: Duration = .seconds(2)
  /// Senders change their SSRC after a collision or a restart, not all the time.
  private static let leastStay: Duration = .milliseconds(500)
  /// The first report comes soon, so that the sender knows that it is heard.
  private static let firstReport: ClosedRange<Int64> = 100...300

  /// Packets that wait for those before them.
  var window: ReorderWindow
  /// When what the packets carry was captured.
  var clock: ArrivalClock
  /// When reports are due.
  var reports = ReportSchedule()
  /// What the application is told.
  var statistics = RTPReceiverStatistics()
  /// The stream that is followed; `nil` before the first packet unless SDP told it.
  private(set) var ssrc: SSRC?
  /// Whether the stream has said BYE and has not begun again.
  private(set) var hasEnded = false
  /// What the report blocks are made of; `nil` before the first packet.
  private(set) var reception: ReceptionStatistics?

  private let clockRate: Int
  private var former: SSRC?
  private var changed = Timestamp.distantPast
  private var lostBefore: Int64 = 0
  private var isReported = false

  /// Creates a stream of which at most `limit` packets wait.
  init(ssrc: SSRC?, clockRate: Int, limit: Int) {
    self.ssrc = ssrc
    self.clockRate = max(1, min(clockRate, 1_000_000))
    window = ReorderWindow(limit: limit)
    clock = ArrivalClock(ticksPerSecond: clockRate)
  }

  /// Takes the header of a packet with `size` bytes, `payload` of them payload, that arrived at
  /// `now`.
  mutating func admit(
    _ header: RTPHeader,
    size: Int,
    payload: Int,
    at now: Timestamp,
    using random: inout RandomSource
  ) -> Admission {
    var hasChanged = reception == nil
    if header.ssrc != ssrc || reception == nil {
      guard follow(header.ssrc, at: now) else { return refuse() }
      hasChanged = true
    } else if hasEnded {
      // What was overtaken by the BYE is no new beginning.
      let last = reception?.highestSequenceNumber.sequenceNumber
      guard last?.precedes(header.sequenceNumber) == true else { return refuse() }
      hasChanged = true
    }
    let restarts = reception?.restarts
    let lost = Int64(reception?.cumulativeLost ?? 0)
    let isBelieved = reception?.receive(
      header.sequenceNumber,
      timestamp: header.timestamp,
      at: now
    )
    guard isBelieved == true else { return refuse() }
    if reception?.restarts != restarts {
      lostBefore += lost
      statistics.restarts &+= 1
      hasChanged = true
    }
    count(size: size, payload: payload)
    statistics.payloadType = header.payloadType
    updateStatistics()
    if hasChanged {
      hasEnded = false
      window.reset()
      clock.reset()
      scheduleFirstReport(at: now, using: &random)
    }
    clock.observe(header.timestamp, at: now)
    return hasChanged ? .restarted : .same
  }

  /// Counts a packet of `size` bytes with `payload` bytes of payload as received.
  mutating func count(size: Int, payload: Int) {
    statistics.packetsReceived &+= 1
    statistics.bytesReceived &+= UInt64(payload)
    statistics.headerBytesReceived &+= UInt64(max(0, size - payload))
  }

  /// Takes what control packets tell about the stream; `true` if it ended.
  mutating func receive(_ control: RTCPPacket, at now: Timestamp) -> Bool {
    switch control {
    case .senderReport(let report) where report.ssrc == ssrc && reception != nil:
      reception?.receive(report, at: now)
      statistics.remote = RemoteSendingStatistics(report, after: statistics.remote)
      clock.receive(report)
    case .bye(let sources):
      guard let ssrc, sources.contains(ssrc), reception != nil, !hasEnded else { return false }
      hasEnded = true
      window.reset()
      reports.due = nil
      reports.regular = nil
      return true
    default: break
    }
    return false
  }

  /// Writes RR and SDES (RFC 3550 sections 6.4.2 and 6.5); `false` without room.
  @_lifetime(slot: copy slot)
  mutating func writeReport(
    into slot: inout OutputSpan<UInt8>,
    from identity: Identity,
    at now: Timestamp
  ) -> Bool {
    var blocks: [RTCPPacket.ReportBlock] = []
    if !hasEnded, let block = reception?.takeReportBlock(at: now) { blocks.append(block) }
    let source = RTCPPacket.SourceDescription(
      ssrc: identity.ssrc,
      canonicalName: identity.canonicalName,
      mid: identity.mid
    )
    isReported = true
    return RTCPPacket.receiverReport(.init(ssrc: identity.ssrc, reports: blocks)).write(into: &slot)
      && RTCPPacket.sourceDescription([source]).write(into: &slot)
  }

  /// Ends the reports; one with BYE is still due if the sender has heard of the receiver.
  mutating func close() {
    window.reset()
    reports.due = isReported ? .distantPast : nil
    reports.regular = nil
  }

  /// Writes the last report, with BYE (RFC 3550 section 6.6).
  @_lifetime(slot: copy slot)
  mutating func writeBye(
    into slot: inout OutputSpan<UInt8>,
    from identity: Identity,
    at now: Timestamp
  ) -> Bool {
    reports.due = nil
    return writeReport(into: &slot, from: identity, at: now)
      && RTCPPacket.bye([identity.ssrc]).write(into: &slot)
  }

  private mutating func refuse() -> Admission {
    statistics.packetsIgnored &+= 1
    return .refused
  }

  private mutating func follow(_ newcomer: SSRC, at now: Timestamp) -> Bool {
    if reception != nil {
      guard now - changed >= Self.leastStay,
        newcomer != former || now - changed >= Self.remembrance
      else { return false }
      lostBefore += Int64(reception?.cumulativeLost ?? 0)
      statistics.restarts &+= 1
      former = ssrc
      changed = now
    }
    ssrc = newcomer
    statistics.ssrc = newcomer
    statistics.remote = nil
    reception = ReceptionStatistics(ssrc: newcomer, clockRate: clockRate)
    return true
  }

  private mutating func updateStatistics() {
    guard let reception else { return }
    statistics.packetsLost = lostBefore + Int64(reception.cumulativeLost)
    let nanoseconds = Int64(reception.jitter) * 1_000_000_000 / Int64(clockRate)
    statistics.jitter = .nanoseconds(nanoseconds)
  }

  private mutating func scheduleFirstReport(
    at now: Timestamp,
    using random: inout RandomSource
  ) {
    let first = now + .milliseconds(Int64.random(in: Self.firstReport, using: &random))
    reports.regular = reports.regular.earlier(first)
    reports.due = reports.regular
  }
}
