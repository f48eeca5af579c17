// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Reset of streams (RFC 6525), by which data channels are closed (RFC 8831 section 6.7).
extension SCTPAssociation {
  /// Closes our direction of streams once what is queued on them has been sent.
  ///
  /// `outgoingStreamsReset` says when they can be used anew.
  public mutating func resetStreams(_ streams: [UInt16], at now: Timestamp) {
    clock = max(clock, now)
    guard state != .ended, state != .shuttingDown else { return }
    let limit = negotiatedStreams?.outgoing ?? Int(configuration.streams)
    for stream in streams where Int(stream) < limit && !queue.isClosing(stream) {
      queue.setClosing(true, stream)
      resets.pending.insert(stream)
    }
  }

  /// Asks for the reset of streams for which nothing waits, one request at a time.
  mutating func requestReset() {
    guard phase == .established || phase == .shutdownPending, resets.request == nil,
      !resets.pending.isEmpty
    else { return }
    guard has(.reconfiguration) else {
      failReset(resets.pending.sorted())
      resets.pending = []
      return
    }
    let drained = resets.pending.filter { queue.isDrained($0) }.sorted()
      .prefix(ReconfigurationParameter.maximumStreams)
    guard !drained.isEmpty else { return }
    resets.pending.subtract(drained)
    resets.request = StreamResets.Request(
      number: resets.next,
      streams: Array(drained),
      lastTSN: outstanding.nextTSN.previous
    )
    resets.next = resets.next.next
    repeatResetRequest()
  }

  /// Sends the request that has no answer, the same each time.
  mutating func repeatResetRequest() {
    guard let request = resets.request else {
      timers.reset = nil
      return
    }
    let parameter = ReconfigurationParameter.outgoingReset(
      request.number,
      response: resets.expected.previous,
      lastTSN: request.lastTSN,
      streams: request.streams
    )
    outbox.append(chunk: .chunk(.reconfiguration, parameter.bytes))
    timers.reset = clock + timeout.current
  }

  /// RE-CONFIG: at most two parameters (RFC 6525 section 3.1).
  mutating func receiveReconfiguration(_ value: Span<UInt8>) {
    var reader = ChunkReader(from: 0, limit: 2)
    while let raw = reader.next(in: value) {
      switch ReconfigurationParameter.parse(raw, of: value) {
      case .outgoingReset(let number, _, let lastTSN, let streams):
        answer(number) { $0.receiveReset(number, lastTSN, streams) }
      case .incomingReset(let number, let streams):
        answer(number) { $0.receiveResetDemand(streams) }
      case .other(let number):
        answer(number) { _ in .denied }
      case .response(let number, let result):
        receiveResponse(number, result)
      case nil:
        counts.dropped.malformed += 1
      }
    }
  }

  /// Answers a request: a new one by what `perform` says, a repeated one as before.
  private mutating func answer(
    _ number: ReconfigurationNumber,
    _ perform: (inout SCTPAssociation) -> ReconfigurationResult?
  ) {
    let result: ReconfigurationResult
    if number == resets.expected {
      guard resets.deferred == nil else {
        respond(number, .requestInProgress)
        return
      }
      // A request of which the caller cannot be told is one that was lost.
      guard !events.isCrowded, let performed = perform(&self) else { return }
      resets.expected = number.next
      resets.lastResult = performed
      result = performed
    } else if number == resets.expected.previous, let last = resets.lastResult {
      result = last
    } else {
      result = .badNumber
    }
    respond(number, result)
  }

  private mutating func respond(_ number: ReconfigurationNumber, _ result: ReconfigurationResult) {
    let parameter = ReconfigurationParameter.response(number, result)
    outbox.append(chunk: .chunk(.reconfiguration, parameter.bytes))
  }

  private mutating func receiveReset(
    _ number: ReconfigurationNumber,
    _ lastTSN: TSN,
    _ streams: [UInt16]
  ) -> ReconfigurationResult? {
    let limit = agreement?.incomingStreams ?? 0
    guard streams.allSatisfy({ $0 < limit }) else { return .wrongStream }
    guard !lastTSN.follows(received.cumulative) else {
      resets.deferred = StreamResets.Deferred(
        number: number,
        streams: Set(streams),
        lastTSN: lastTSN
      )
      return .inProgress
    }
    performReset(Set(streams).sorted())
    return .performed
  }

  /// The peer wants streams of ours reset.
  private mutating func receiveResetDemand(_ streams: [UInt16]) -> ReconfigurationResult? {
    let limit = agreement?.outgoingStreams ?? 0
    guard streams.allSatisfy({ $0 < limit }) else { return .wrongStream }
    resetStreams(streams.isEmpty ? Array(0..<limit) : streams, at: clock)
    return .performed
  }

  /// Performs a request that waited, once the data before it has come.
  mutating func performDeferredReset() {
    guard let deferred = resets.deferred, !deferred.lastTSN.follows(received.cumulative) else {
      return
    }
    resets.deferred = nil
    resets.lastResult = .performed
    performReset(deferred.streams.sorted())
    respond(deferred.number, .performed)
  }

  private mutating func performReset(_ streams: [UInt16]) {
    deliver()
    reassembly.reset(streams.isEmpty ? nil : streams)
    let all = streams.isEmpty ? Array(0..<(agreement?.incomingStreams ?? 0)) : streams
    events.append(.incomingStreamsReset(all))
  }

  private mutating func receiveResponse(
    _ number: ReconfigurationNumber,
    _ result: ReconfigurationResult
  ) {
    guard let request = resets.request, request.number == number else { return }
    silence = 0
    switch result {
    case .nothingToDo, .performed:
      for stream in request.streams { queue.reset(stream) }
      resets.request = nil
      timers.reset = nil
      events.append(.outgoingStreamsReset(request.streams))
    case .inProgress, .requestInProgress:
      timers.reset = clock + timeout.current
    case .denied, .wrongStream, .badNumber:
      resets.request = nil
      timers.reset = nil
      failReset(request.streams)
    }
  }

  private mutating func failReset(_ streams: [UInt16]) {
    for stream in streams { queue.setClosing(false, stream) }
    events.append(.outgoingResetFailed(streams))
  }
}
