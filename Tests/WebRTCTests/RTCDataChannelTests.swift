// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
@testable import WebRTC

/// The name of the error that `body` throws, `nil` when it throws none.
private func errorName(_ body: () async throws -> Void) async -> RTCError.Name? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? RTCError)?.name
  }
}

/// Two connections on one loop, and what is done with them.
private struct Line {
  let studio: Studio
  let caller: RTCPeerConnection
  let callee: RTCPeerConnection

  static func make() async throws -> Line {
    let studio = try await Studio.make()
    return Line(
      studio: studio,
      caller: RTCPeerConnection(on: studio.network),
      callee: RTCPeerConnection(on: try await studio.makeNetwork())
    )
  }

  func negotiate() async throws {
    try await caller.setLocalDescription()
    try await callee.setRemoteDescription(try #require(await caller.localDescription))
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
  }

  /// The next channel that the callee is told of.
  func offered() async throws -> RTCDataChannel {
    for await event in callee.events {
      if case .dataChannel(let told) = event { return told.channel }
    }
    throw RTCError(.operation, "The connection ended without a channel.")
  }

  /// Messages that the caller has sent.
  func sent() async -> UInt64 {
    let report = try? await caller.getStats()
    return report?.first(RTCDataChannelStats.self)?.messagesSent ?? 0
  }

  func close() async {
    await caller.close()
    await callee.close()
    await studio.close()
  }
}

extension RTCPeerConnection {
  /// Whether messages wait with SCTP for a reader.
  fileprivate var isHoldingMessages: Bool { transport?.isHoldingMessages == true }
}

@Suite struct RTCDataChannelTests {
  /// The next event that is no fall of what is buffered.
  private func next(_ events: inout RTCDataChannel.Events.Iterator) async -> RTCDataChannel.Event? {
    while let event = await events.next(isolation: #isolation) {
      if event != .bufferedAmountLow { return event }
    }
    return nil
  }

  @Test func `a channel carries text and bytes both ways, and is closed by both`() async throws {
    let line = try await Line.make()
    let options = RTCDataChannelInit(ordered: false, maxRetransmits: 3, protocol: "json")
    let ours = try await line.caller.createDataChannel("talk", options)
    #expect(await ours.readyState == .connecting)
    #expect(await ours.id == nil)
    #expect(await errorName { try await ours.send("too early") } == .invalidState)
    try await line.negotiate()
    #expect(await ours.id == 1)
    let theirs = try await line.offered()
    #expect(theirs.label == "talk" && theirs.protocol == "json" && !theirs.ordered)
    #expect(theirs.maxRetransmits == 3 && theirs.maxPacketLifeTime == nil && !theirs.negotiated)
    #expect(await theirs.readyState == .open)
    #expect(await theirs.id == 1)
    var heard = theirs.events.makeAsyncIterator()
    var told = ours.events.makeAsyncIterator()
    #expect(await next(&heard) == .open)
    #expect(await next(&told) == .open)
    let messages: [RTCDataChannel.Message] = [
      .text("grüße"), .binary([0, 255]), .text(""), .binary([]),
      .binary([UInt8](repeating: 7, count: 262_144)),
    ]
    for message in messages {
      try await ours.send(message)
      #expect(await next(&heard) == .message(message))
      try await theirs.send(message)
      #expect(await next(&told) == .message(message))
    }
    let sctp = try #require(await line.caller.sctp)
    #expect(sctp.state == .connected && sctp.maxMessageSize == 262_144 && sctp.maxChannels == 1_024)
    let long = [UInt8](repeating: 0, count: 262_145)
    #expect(await errorName { try await ours.send(long) } == .type)

    let report = try await line.caller.getStats()
    let stats = try #require(report.first(RTCDataChannelStats.self))
    #expect(stats.label == "talk" && stats.protocol == "json" && stats.dataChannelIdentifier == 1)
    #expect(stats.state == .open && stats.messagesSent == 5 && stats.messagesReceived == 5)
    #expect(stats.bytesSent == 262_153 && stats.bytesReceived == 262_153)
    #expect(report.first(RTCPeerConnectionStats.self)?.dataChannelsOpened == 1)
    #expect(stats.members.contains { $0.name == "protocol" && $0.value == .string("json") })

    await ours.close()
    #expect(await ours.readyState == .closing)
    #expect(await errorName { try await ours.send("too late") } == .invalidState)
    #expect(await next(&heard) == .closing)
    #expect(await next(&heard) == .close)
    #expect(await next(&told) == .close)
    #expect(await next(&told) == nil)
    #expect(await next(&heard) == nil)
    #expect(await ours.readyState == .closed)
    #expect(await ours.id == 1)
    let after = try await line.caller.getStats()
    #expect(after.first(RTCDataChannelStats.self) == nil)
    #expect(after.first(RTCPeerConnectionStats.self)?.dataChannelsClosed == 1)
    await line.close()
    #expect(sctp.state == .closed)
  }

  @Test func `creates no channel that the W3C does not allow`() async throws {
    let line = try await Line.make()
    let long = String(repeating: "x", count: 65_536)
    let wrong: [(String, RTCDataChannelInit, RTCError.Name)] = [
      (long, .init(), .type),
      ("", .init(protocol: long), .type),
      ("", .init(maxPacketLifeTime: 1, maxRetransmits: 1), .type),
      ("", .init(negotiated: true), .type),
      ("", .init(negotiated: true, id: 65_535), .type),
      ("", .init(negotiated: true, id: 1_024), .operation),
    ]
    for (label, options, name) in wrong {
      #expect(
        await errorName {
          _ = try await line.caller.createDataChannel(label, options)
        } == name
      )
    }
    #expect(await line.caller.sctp == nil)
    let agreed = RTCDataChannelInit(negotiated: true, id: 7)
    let channel = try await line.caller.createDataChannel("", agreed)
    #expect(await channel.id == 7)
    #expect(
      await errorName { _ = try await line.caller.createDataChannel("", agreed) } == .operation
    )
    // Without `negotiated` an id says nothing.
    let free = try await line.caller.createDataChannel("", .init(id: 7))
    #expect(await free.id == nil)
    await line.caller.close()
    #expect(
      await errorName { _ = try await line.caller.createDataChannel("") } == .invalidState
    )
    await line.close()
  }

  @Test func `negotiated channels open on both sides by themselves`() async throws {
    let line = try await Line.make()
    let options = RTCDataChannelInit(negotiated: true, id: 9)
    let ours = try await line.caller.createDataChannel("a", options)
    let theirs = try await line.callee.createDataChannel("b", options)
    try await line.negotiate()
    var heard = theirs.events.makeAsyncIterator()
    #expect(await next(&heard) == .open)
    #expect(await line.studio.wait { _ in await ours.readyState == .open })
    try await ours.send("by number")
    #expect(await next(&heard) == .message(.text("by number")))
    await line.close()
  }

  @Test func `needs one negotiation, for the first channel`() async throws {
    let line = try await Line.make()
    _ = try await line.caller.createDataChannel("first")
    var events = line.caller.events.makeAsyncIterator()
    #expect(await events.next() == .negotiationNeeded)
    try await line.negotiate()
    _ = try await line.caller.createDataChannel("second")
    #expect(try await line.offered().label == "first")
    #expect(try await line.offered().label == "second")
    await line.caller.close()
    while let event = await events.next(isolation: #isolation) {
      #expect(event != .negotiationNeeded)
    }
    await line.close()
  }

  @Test func `a peer that closes its connection ends the channels with an error`() async throws {
    let line = try await Line.make()
    let ours = try await line.caller.createDataChannel("talk")
    try await line.negotiate()
    let theirs = try await line.offered()
    var heard = theirs.events.makeAsyncIterator()
    var told = ours.events.makeAsyncIterator()
    #expect(await next(&heard) == .open)
    #expect(await next(&told) == .open)
    await line.caller.close()
    // Who closes is not told.
    #expect(await next(&told) == nil)
    #expect(await ours.readyState == .closed)
    guard case .error(let error)? = await next(&heard) else {
      Issue.record("no error")
      return
    }
    #expect(error.name == .operation)
    #expect(await next(&heard) == .close)
    #expect(await next(&heard) == nil)
    await line.close()
  }

  @Test func `what is not read slows the peer down, and nothing of it is lost`() async throws {
    let line = try await Line.make()
    let ours = try await line.caller.createDataChannel("much")
    try await line.negotiate()
    let theirs = try await line.offered()
    #expect(await line.studio.wait { _ in await ours.readyState == .open })
    let count = 600
    let sending = Task {
      for number in 0..<count {
        await ours.drain(to: 65_536)
        try await ours.send([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 16_384))
      }
    }
    // Nobody reads: the reader's megabyte fills, then SCTP's window, and what is on its way to them.
    #expect(await line.studio.wait { _ in await line.callee.isHoldingMessages })
    let isPast = await line.studio.wait(for: .seconds(1)) { _ in
      await line.sent() > UInt64(count / 2)
    }
    #expect(!isPast)
    #expect(await ours.bufferedAmount > 0)
    var got = 0
    for await event in theirs.events {
      guard case .message(.binary(let bytes)) = event else { continue }
      #expect(bytes.count == 16_384 && bytes[0] == UInt8(truncatingIfNeeded: got))
      got += 1
      if got == count { break }
    }
    try await sending.value
    #expect(got == count)
    await line.close()
  }

  @Test func `says when no more can be buffered, and when little is`() async throws {
    let line = try await Line.make()
    let ours = try await line.caller.createDataChannel("much")
    try await line.negotiate()
    let theirs = try await line.offered()
    #expect(await line.studio.wait { _ in await ours.readyState == .open })
    await ours.setBufferedAmountLowThreshold(1_000)
    #expect(await ours.bufferedAmountLowThreshold == 1_000)
    var failure: RTCError?
    for _ in 0..<200 where failure == nil {
      do {
        try await ours.send([UInt8](repeating: 1, count: 262_144))
      } catch {
        failure = error
      }
    }
    #expect(failure?.name == .operation)
    #expect(await ours.bufferedAmount > 1_000)
    let reading = Task {
      for await _ in theirs.events {}
    }
    for await event in ours.events where event == .bufferedAmountLow { break }
    #expect(await line.studio.wait { _ in await ours.bufferedAmount <= 1_000 })
    await ours.close()
    await reading.value
    await line.close()
  }
}
