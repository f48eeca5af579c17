// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The chunks that were sent and not acknowledged in a row, in the order of their TSNs.
struct OutstandingData: Sendable {
  /// Chunks that may be outstanding.
  static let maximumChunks = 4096
  /// SACKs that pass over a chunk before it is sent again (RFC 9260 section 7.2.4).
  static let missesForRetransmission = 3

  /// What a SACK has told.
  struct Progress: Hashable, Sendable {
    /// Whether all up to a later TSN than before have come.
    var isCumulative = false
    /// Bytes told of for the first time.
    var bytes = 0
    var roundTripTime: Duration?
    /// Whether chunks were found lost.
    var hasLoss = false
  }

  /// The highest TSN up to which all were acknowledged.
  private(set) var cumulative: TSN
  /// Bytes of chunks that are in flight.
  private(set) var bytesInFlight = 0
  /// Chunks that wait to be sent again.
  private(set) var lostCount = 0
  private var chunks = RingBuffer(filler: OutgoingChunk.none)
  /// Chunks acknowledged behind a hole.
  private var acknowledgedCount = 0
  /// Whether a message was sent that may be given up.
  private var hasLimits = false
  /// No lost chunk stands before it.
  private var firstLost: TSN

  /// Begins with nothing sent; `initial` is the first TSN.
  init(initial: TSN) {
    cumulative = initial.previous
    firstLost = initial
  }

  var count: Int { chunks.count }
  var isEmpty: Bool { chunks.isEmpty }
  /// The TSN of the next new chunk.
  var nextTSN: TSN { cumulative.advanced(by: chunks.count + 1) }

  /// Adds a chunk that is sent now, and answers its TSN.
  mutating func append(_ chunk: OutgoingChunk, at now: Timestamp) -> TSN {
    let tsn = nextTSN
    var sent = chunk
    sent.state = .inFlight
    sent.sentAt = now
    sent.barrier = tsn
    chunks.append(sent)
    if sent.header.isLimited { hasLimits = true }
    bytesInFlight += sent.size
    return tsn
  }

  /// Adds a TSN in place of the rest of a message that was given up.
  ///
  /// Without it nothing might be outstanding of which the receiver is to be told.
  mutating func appendAbandoned(_ header: OutgoingHeader) {
    var chunk = OutgoingChunk.none
    chunk.header = header
    chunk.isEnd = true
    chunk.state = .abandoned
    chunks.append(chunk)
  }

  /// The first lost chunk whose bytes fit into `room`, marked as sent now.
  mutating func takeLost(fitting room: Int, at now: Timestamp) -> TSN? {
    guard lostCount > 0 else { return nil }
    var index = max(0, offset(of: firstLost))
    while index < chunks.count {
      if chunks[index].state == .lost {
        guard chunks[index].range.count <= room else { return nil }
        let barrier = nextTSN
        lostCount -= 1
        chunks[index].state = .inFlight
        chunks[index].sentAt = now
        chunks[index].retransmissions += 1
        chunks[index].misses = 0
        chunks[index].barrier = barrier
        bytesInFlight += chunks[index].size
        let tsn = cumulative.advanced(by: index + 1)
        firstLost = tsn.next
        return tsn
      }
      index += 1
      firstLost = cumulative.advanced(by: index + 1)
    }
    return nil
  }

  /// The outstanding chunk with this TSN.
  subscript(tsn: TSN) -> OutgoingChunk? {
    let index = offset(of: tsn)
    return chunks.count > index && index >= 0 ? chunks[index] : nil
  }

  /// Takes what a SACK says; `nil` when it is older than what is known or tells of what was not sent.
  mutating func acknowledge(
    _ sack: SelectiveAcknowledgement,
    isRecovering: Bool,
    at now: Timestamp
  ) -> Progress? {
    guard !sack.cumulativeTSN.precedes(cumulative) else { return nil }
    let steps = sack.cumulativeTSN.distance(after: cumulative)
    guard steps <= chunks.count else { return nil }
    if let last = sack.blocks.last, steps + Int(last.end) > chunks.count { return nil }
    var progress = Progress(isCumulative: steps > 0)
    for _ in 0..<steps { acknowledgeFirst(&progress, at: now) }
    if sack.blocks.isEmpty, acknowledgedCount == 0 { return progress }
    let highest = acknowledge(sack.blocks, &progress, at: now)
    if let counted = isRecovering && progress.isCumulative ? sack.blocks.last : highest {
      countMisses(before: Int(counted.end) - 1, &progress)
    }
    return progress
  }

  /// Takes all that is in flight for lost (RFC 9260 section 6.3.3).
  mutating func loseAll() {
    for index in 0..<chunks.count where chunks[index].state == .inFlight { lose(index) }
  }

  /// Gives up lost chunks that are too old or were sent too often, each with its whole message.
  ///
  /// Answers the headers of messages of which the last fragment was not sent yet.
  mutating func abandonExpired(at now: Timestamp) -> (given: Int, unfinished: [OutgoingHeader]) {
    guard hasLimits, lostCount > 0 else { return (0, []) }
    var expired: Set<OutgoingMessageID> = []
    let start = max(0, offset(of: firstLost))
    for index in start..<max(start, chunks.count) where chunks[index].state == .lost {
      let header = chunks[index].header
      if header.expiry <= now || chunks[index].retransmissions >= header.maximumRetransmissions {
        expired.insert(header.id)
      }
    }
    guard !expired.isEmpty else { return (0, []) }
    return (expired.count, abandon(expired))
  }

  /// Gives up all chunks of these messages; answers those of which the last fragment was not sent.
  mutating func abandon(_ messages: Set<OutgoingMessageID>) -> [OutgoingHeader] {
    var unfinished: [OutgoingMessageID: OutgoingHeader] = [:]
    for index in 0..<chunks.count where messages.contains(chunks[index].header.id) {
      switch chunks[index].state {
      case .inFlight: bytesInFlight -= chunks[index].size
      case .lost: lostCount -= 1
      case .acknowledged: acknowledgedCount -= 1
      case .abandoned: continue
      }
      chunks[index].state = .abandoned
      chunks[index].payload = []
      let header = chunks[index].header
      unfinished[header.id] = chunks[index].isEnd ? nil : header
    }
    return unfinished.values.sorted { $0.id.rawValue < $1.id.rawValue }
  }

  /// What to tell the receiver that it need not wait for (RFC 3758 section 3.5 C); `nil`: nothing.
  func forwardTSN(maximumSkips: Int, isInterleaved: Bool) -> ForwardTSNChunk? {
    var skips: [UInt32: ForwardTSNChunk.Skip] = [:]
    var count = 0
    while count < chunks.count, chunks[count].state == .abandoned {
      let header = chunks[count].header
      if isInterleaved || !header.isUnordered {
        let key = UInt32(header.stream) << 1 | (header.isUnordered ? 1 : 0)
        if skips[key] == nil, skips.count >= maximumSkips { break }
        if skips[key].map({ header.mid.follows($0.mid) }) ?? true {
          skips[key] = ForwardTSNChunk.Skip(
            stream: header.stream,
            isUnordered: header.isUnordered,
            mid: header.mid
          )
        }
      }
      count += 1
    }
    guard count > 0 else { return nil }
    return ForwardTSNChunk(
      cumulativeTSN: cumulative.advanced(by: count),
      skips: skips.keys.sorted().compactMap { skips[$0] }
    )
  }

  /// Whether the oldest outstanding chunk was given up.
  var hasAbandonedFirst: Bool { chunks.first?.state == .abandoned }

  // MARK: Parts

  /// Places behind the first; negative before it.
  private func offset(of tsn: TSN) -> Int {
    Int(Int32(bitPattern: tsn.rawValue &- cumulative.next.rawValue))
  }

  private mutating func acknowledgeFirst(_ progress: inout Progress, at now: Timestamp) {
    guard let chunk = chunks.popFirst() else { return }
    cumulative = cumulative.next
    switch chunk.state {
    case .inFlight:
      bytesInFlight -= chunk.size
      progress.bytes += chunk.size
      // Karn's rule: what was sent twice does not tell which one came.
      progress.roundTripTime = chunk.retransmissions == 0 ? now - chunk.sentAt : nil
    case .lost:
      lostCount -= 1
      progress.bytes += chunk.size
    case .acknowledged:
      acknowledgedCount -= 1
    case .abandoned:
      break
    }
  }

  /// Goes once over all chunks up to the last block or the last acknowledged one.
  ///
  /// Answers the last block that told something new.
  private mutating func acknowledge(
    _ blocks: [SelectiveAcknowledgement.Block],
    _ progress: inout Progress,
    at now: Timestamp
  ) -> SelectiveAcknowledgement.Block? {
    var newest: SelectiveAcknowledgement.Block?
    var index = 0
    for block in blocks {
      // The blocks were compared with the number of chunks.
      while index < Int(block.start) - 1 {
        retract(index)
        index += 1
      }
      while index < Int(block.end) {
        switch chunks[index].state {
        case .inFlight, .lost:
          if chunks[index].state == .lost {
            lostCount -= 1
          } else {
            bytesInFlight -= chunks[index].size
            if chunks[index].retransmissions == 0 {
              progress.roundTripTime = now - chunks[index].sentAt
            }
          }
          chunks[index].state = .acknowledged
          acknowledgedCount += 1
          progress.bytes += chunks[index].size
          newest = SelectiveAcknowledgement.Block(
            start: block.start,
            end: UInt16(truncatingIfNeeded: index + 1)
          )
        case .acknowledged, .abandoned: break
        }
        index += 1
      }
    }
    var left = acknowledgedCount - acknowledgedCountBefore(index)
    while left > 0, index < chunks.count {
      if chunks[index].state == .acknowledged { left -= 1 }
      retract(index)
      index += 1
    }
    return newest
  }

  private func acknowledgedCountBefore(_ end: Int) -> Int {
    var count = 0
    for index in 0..<end where chunks[index].state == .acknowledged { count += 1 }
    return count
  }

  /// The receiver has thrown away what it told of before (RFC 9260 section 6.2.1).
  private mutating func retract(_ index: Int) {
    guard chunks[index].state == .acknowledged else { return }
    acknowledgedCount -= 1
    chunks[index].state = .inFlight
    bytesInFlight += chunks[index].size
  }

  private mutating func countMisses(before end: Int, _ progress: inout Progress) {
    let newest = cumulative.advanced(by: end + 1)
    for index in 0..<max(0, end) where chunks[index].state == .inFlight {
      // Only what was sent after it can overtake it.
      guard !newest.precedes(chunks[index].barrier) else { continue }
      chunks[index].misses += 1
      guard chunks[index].misses >= Self.missesForRetransmission else { continue }
      lose(index)
      progress.hasLoss = true
    }
  }

  private mutating func lose(_ index: Int) {
    chunks[index].state = .lost
    chunks[index].misses = 0
    bytesInFlight -= chunks[index].size
    lostCount += 1
    let tsn = cumulative.advanced(by: index + 1)
    if lostCount == 1 || tsn.precedes(firstLost) { firstLost = tsn }
  }
}
