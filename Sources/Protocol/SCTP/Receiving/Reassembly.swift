// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Puts messages together from their fragments and in order (RFC 9260 sections 6.5, 6.6 and 6.9).
///
/// Fragments that follow one another are one run with one buffer: those of DATA by their TSN, those
/// of I-DATA by their number within the message. A run that has both ends is a message.
struct Reassembly: Sendable {
  /// What a run or a message that waits costs besides its bytes.
  static let overhead = 128
  /// Runs at most: more than a peer needs that has one message under way on each stream.
  static let maximumRuns = 2_048

  /// Why a fragment cannot be taken.
  enum Refusal: Hashable, Sendable {
    case tooLong
    /// It contradicts its neighbours.
    case contradiction
    /// There are too many parts of messages.
    case tooMany
  }

  /// Where a fragment stands among all: ordered by message, then by place in it.
  private struct Place: Comparable, Sendable {
    /// I-DATA: the stream, whether it is unordered, and the message; DATA: 0.
    var message: UInt64
    /// I-DATA: the number of the fragment; DATA: the TSN without its wraps.
    var position: UInt64

    var next: Place { Place(message: message, position: position &+ 1) }

    static func < (lhs: Place, rhs: Place) -> Bool {
      (lhs.message, lhs.position) < (rhs.message, rhs.position)
    }
  }

  private struct Run: Sendable {
    var first: Place
    /// Behind the last fragment.
    var end: Place
    var stream: UInt16
    var mid: MID
    var isUnordered: Bool
    var payloadProtocol: UInt32
    var hasBeginning: Bool
    var hasEnd: Bool
    var payload: [UInt8]
  }

  /// What one stream waits for.
  private struct Stream: Sendable {
    var next = MID(rawValue: 0)
    /// Whole ordered messages that others must precede.
    var waiting: [MID: SCTPMessage] = [:]
  }

  /// Bytes kept here, with what it costs to keep them.
  private(set) var bytes = 0
  /// Whole messages in the order of delivery, for the caller to take.
  var complete: [SCTPMessage] = []

  private let maximumMessage: Int
  private var runs: [Run] = []
  private var streams: [UInt16: Stream] = [:]
  private var reference: (tsn: TSN, position: UInt64)

  /// Begins with nothing; `initial` is the first TSN that will come.
  init(initial: TSN, maximumMessage: Int) {
    reference = (initial, 1 << 32)
    self.maximumMessage = maximumMessage
  }

  /// Takes a fragment that has not come before.
  mutating func receive(_ chunk: DataChunk, _ payload: Span<UInt8>) -> Refusal? {
    guard payload.count <= maximumMessage else { return .tooLong }
    let mid: MID
    switch chunk.place {
    case .sequence(let ssn): mid = streams[chunk.stream]?.next.nearest(ssn) ?? MID(ssn)
    case .message(let number, _): mid = number
    }
    if chunk.isBeginning, chunk.isEnd {
      let message = SCTPMessage(
        stream: chunk.stream,
        payloadProtocol: chunk.payloadProtocol,
        payload: [UInt8](payload)
      )
      deliver(message, mid, isUnordered: chunk.isUnordered)
      return nil
    }
    return append(chunk, mid, payload)
  }

  /// Gives up what the sender has given up (RFC 3758 section 3.6, RFC 8260 section 2.3.1).
  mutating func skip(_ chunk: ForwardTSNChunk, isInterleaved: Bool) {
    if isInterleaved {
      var limits: [UInt32: MID] = [:]
      for skip in chunk.skips {
        limits[UInt32(skip.stream) << 1 | (skip.isUnordered ? 1 : 0)] = skip.mid
      }
      drop { run in
        guard let limit = limits[UInt32(run.stream) << 1 | (run.isUnordered ? 1 : 0)] else {
          return false
        }
        return !run.mid.follows(limit)
      }
    } else {
      let last = position(of: chunk.cumulativeTSN)
      drop { $0.first.position <= last }
    }
    // Each stream once, whatever is repeated: what waits for it is looked through.
    var last: [UInt16: MID] = [:]
    for skip in chunk.skips where !skip.isUnordered { last[skip.stream] = skip.mid }
    for stream in last.keys.sorted() {
      guard let mid = last[stream] else { continue }
      let next = streams[stream]?.next ?? MID(rawValue: 0)
      pass(isInterleaved ? mid : next.nearest(mid.ssn), of: stream)
    }
  }

  /// Begins streams anew (RFC 6525 section 5.2.2); `nil`: all of them.
  mutating func reset(_ numbers: [UInt16]?) {
    for number in numbers ?? Array(streams.keys) {
      guard let stream = streams.removeValue(forKey: number) else { continue }
      for message in stream.waiting.values { bytes -= message.payload.count + Self.overhead }
    }
  }

  // MARK: Runs

  private mutating func append(_ chunk: DataChunk, _ mid: MID, _ payload: Span<UInt8>) -> Refusal? {
    let place = place(of: chunk)
    let index = firstRun(after: place)
    var joined: Int?
    if index > 0, runs[index - 1].end == place, !runs[index - 1].hasEnd, !chunk.isBeginning {
      guard matches(runs[index - 1], chunk, mid) else { return .contradiction }
      guard runs[index - 1].payload.count + payload.count <= maximumMessage else { return .tooLong }
      runs[index - 1].payload.append(copying: payload)
      runs[index - 1].end = place.next
      runs[index - 1].hasEnd = chunk.isEnd
      bytes += payload.count
      joined = index - 1
    } else {
      // What continues nothing must not lie inside a run: I-DATA may say any number.
      if index > 0, place < runs[index - 1].end { return .contradiction }
      guard runs.count < Self.maximumRuns else { return .tooMany }
      runs.insert(run(chunk, mid, at: place, payload), at: index)
      bytes += payload.count + Self.overhead
      joined = index
    }
    guard let joined else { return nil }
    return join(joined)
  }

  /// Joins a run with the one behind it if they touch, and delivers it if it is whole.
  private mutating func join(_ index: Int) -> Refusal? {
    let behind = index + 1
    if behind < runs.count, !runs[index].hasEnd, runs[behind].first == runs[index].end,
      !runs[behind].hasBeginning
    {
      let later = runs.remove(at: behind)
      guard later.stream == runs[index].stream, later.isUnordered == runs[index].isUnordered,
        later.isUnordered || later.mid == runs[index].mid
      else {
        bytes -= later.payload.count + Self.overhead
        return .contradiction
      }
      guard runs[index].payload.count + later.payload.count <= maximumMessage else {
        bytes -= later.payload.count + Self.overhead
        return .tooLong
      }
      runs[index].payload += later.payload
      runs[index].end = later.end
      runs[index].hasEnd = later.hasEnd
      bytes -= Self.overhead
    }
    guard runs[index].hasBeginning, runs[index].hasEnd else { return nil }
    let run = runs.remove(at: index)
    bytes -= run.payload.count + Self.overhead
    let message = SCTPMessage(
      stream: run.stream,
      payloadProtocol: run.payloadProtocol,
      payload: run.payload
    )
    deliver(message, run.mid, isUnordered: run.isUnordered)
    return nil
  }

  private func run(
    _ chunk: DataChunk,
    _ mid: MID,
    at place: Place,
    _ payload: Span<UInt8>
  ) -> Run {
    Run(
      first: place,
      end: place.next,
      stream: chunk.stream,
      mid: mid,
      isUnordered: chunk.isUnordered,
      payloadProtocol: chunk.payloadProtocol,
      hasBeginning: chunk.isBeginning,
      hasEnd: chunk.isEnd,
      payload: [UInt8](payload)
    )
  }

  private func matches(_ run: Run, _ chunk: DataChunk, _ mid: MID) -> Bool {
    run.stream == chunk.stream && run.isUnordered == chunk.isUnordered
      && (run.isUnordered || run.mid == mid)
  }

  private mutating func drop(where isGivenUp: (Run) -> Bool) {
    var freed = 0
    runs.removeAll { run in
      guard isGivenUp(run) else { return false }
      freed += run.payload.count + Self.overhead
      return true
    }
    bytes -= freed
  }

  private func firstRun(after place: Place) -> Int {
    if let last = runs.last, last.first <= place { return runs.count }
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].first <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func place(of chunk: DataChunk) -> Place {
    switch chunk.place {
    case .sequence:
      return Place(message: 0, position: position(of: chunk.tsn))
    case .message(let mid, let fragment):
      let kind: UInt64 = chunk.isUnordered ? 1 : 0
      let message = UInt64(chunk.stream) << 33 | kind << 32 | UInt64(mid.rawValue)
      return Place(message: message, position: UInt64(fragment.rawValue))
    }
  }

  /// The TSN without its wraps.
  private mutating func position(of tsn: TSN) -> UInt64 {
    let steps = Int32(bitPattern: tsn.rawValue &- reference.tsn.rawValue)
    let position = UInt64(bitPattern: Int64(bitPattern: reference.position) &+ Int64(steps))
    if steps > 0 { reference = (tsn, position) }
    return position
  }

  // MARK: Order

  private mutating func deliver(_ message: SCTPMessage, _ mid: MID, isUnordered: Bool) {
    guard !isUnordered else {
      complete.append(message)
      return
    }
    var stream = streams.removeValue(forKey: message.stream) ?? Stream()
    defer { streams[message.stream] = stream }
    if mid == stream.next {
      complete.append(message)
      stream.next = mid.next
      if !stream.waiting.isEmpty { release(&stream) }
    } else if mid.follows(stream.next), stream.waiting[mid] == nil {
      bytes += message.payload.count + Self.overhead
      stream.waiting[mid] = message
    }
  }

  /// Hands out what waited for the message before it.
  private mutating func release(_ stream: inout Stream) {
    while let message = stream.waiting.removeValue(forKey: stream.next) {
      bytes -= message.payload.count + Self.overhead
      complete.append(message)
      stream.next = stream.next.next
    }
  }

  /// Goes on behind `mid`: what came before it is handed out, what did not will not come.
  private mutating func pass(_ mid: MID, of number: UInt16) {
    var stream = streams[number] ?? Stream()
    guard !mid.precedes(stream.next) else { return }
    let start = stream.next
    let early = stream.waiting.keys.filter { !$0.follows(mid) }
    for earlier in early.sorted(by: { $0.distance(after: start) < $1.distance(after: start) }) {
      guard let message = stream.waiting.removeValue(forKey: earlier) else { continue }
      bytes -= message.payload.count + Self.overhead
      complete.append(message)
    }
    stream.next = mid.next
    release(&stream)
    streams[number] = stream
  }
}

extension MID {
  /// The first message of a stream with this SSN.
  fileprivate init(_ ssn: SSN) {
    self = MID(rawValue: 0).nearest(ssn)
  }
}
