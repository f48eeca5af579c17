// SPDX-License-Identifier: Apache-2.0
import Checks
import DTLS
@testable import PeerSession
import SCTP
import Testing
import Wire

/// A table of channels, and a peer of it that sends what it likes.
private struct Wiretap {
  var table = DataChannels()
  var peer: SCTPAssociation
  var queue = EventQueue()
  /// What the table has told.
  var told: [PeerEvent] = []
  /// What it has sent to the peer.
  var heard: [SCTPEvent] = []
  private(set) var now = Timestamp.zero + .seconds(1)

  /// Both ends connected; the table's is the DTLS server, whose streams are odd.
  init() throws {
    peer = SCTPAssociation(SCTPConfiguration(), random: .seeded(2), at: now)
    let line = MediaLineText.dataChannel
    let agreed = try #require(AgreedData(line))
    table.settle(agreed, .server, &queue)
    table.connect(agreed, maximumPacket: 1_163, random: .seeded(1), at: now)
    peer.connect(at: now)
    run()
    #expect(table.state == .connected)
  }

  /// Carries packets both ways until nobody has any, for so long.
  mutating func run(for length: Duration = .seconds(1)) {
    let end = now + length
    while now < end {
      var isQuiet = false
      while !isQuiet {
        isQuiet = true
        while let packet = [UInt8](writing: { table.nextPacket(into: &$0) }) {
          peer.receive(packet.span, at: now)
          isQuiet = false
        }
        while let packet = [UInt8](writing: { peer.nextTransmit(into: &$0) }) {
          _ = table.receive(packet.span, at: now)
          isQuiet = false
        }
        table.follow(&queue, isHolding: false, at: now)
        while let event = queue.next() { told.append(event) }
        while let event = peer.nextEvent() { heard.append(event) }
      }
      now += .milliseconds(10)
      table.advance(to: now)
      peer.advance(to: now)
    }
  }

  mutating func send(_ bytes: [UInt8], _ kind: UInt32 = 50, on stream: UInt16) {
    let message = SCTPMessage(stream: stream, payloadProtocol: kind, payload: bytes)
    #expect(peer.send(message, SCTPSendOptions(), at: now) == .queued)
    run(for: .milliseconds(100))
  }

  mutating func open(_ label: String, on stream: UInt16) {
    send(DCEPMessage.open(DCEPOpen(label: label)).bytes ?? [], on: stream)
  }

  mutating func reset(_ streams: [UInt16]) {
    peer.resetStreams(streams, at: now)
    run(for: .milliseconds(500))
  }

  /// Messages that the peer got on a stream: what they are, and their bytes.
  func messages(on stream: UInt16) -> [(UInt32, [UInt8])] {
    heard.compactMap { event in
      guard case .received(let message) = event, message.stream == stream else { return nil }
      return (message.payloadProtocol, message.payload)
    }
  }

  var offered: Int {
    told.count { if case .channel(_, .offered) = $0 { true } else { false } }
  }
}

@Suite struct DataChannelsTests {
  @Test func `takes a channel that the peer opens, and tells it so`() throws {
    var tap = try Wiretap()
    tap.open("chat", on: 4)
    #expect(tap.offered == 1)
    let channel = try #require(tap.table.channels.values.first)
    #expect(channel.parameters.label == "chat" && channel.stream == 4 && channel.state == .open)
    #expect(tap.messages(on: 4).map(\.1) == [[2]])
    #expect(tap.table.dropped == 0)
  }

  @Test func `knows text and bytes, empty ones too, and drops what is neither`() throws {
    var tap = try Wiretap()
    tap.open("chat", on: 0)
    tap.told = []
    for (kind, bytes) in [(51, [65]), (53, [0, 1]), (56, [0]), (57, [0]), (52, [1]), (7, [1])]
      as [(UInt32, [UInt8])]
    {
      tap.send(bytes, kind, on: 0)
    }
    let messages = tap.told.compactMap { event -> DataChannelMessage? in
      guard case .channel(_, .received(let message)) = event else { return nil }
      return message
    }
    #expect(
      messages == [
        DataChannelMessage(isText: true, bytes: [65]),
        DataChannelMessage(isText: false, bytes: [0, 1]),
        DataChannelMessage(isText: true, bytes: []), DataChannelMessage(isText: false, bytes: []),
      ]
    )
    #expect(tap.table.dropped == 2)
    let id = try #require(tap.table.channels.keys.first)
    let now = tap.now
    for isText in [true, false] {
      let empty = DataChannelMessage(isText: isText, bytes: [])
      #expect(tap.table.send(empty, on: id, at: now) == .queued)
    }
    tap.run()
    #expect(tap.messages(on: 0).dropFirst().map(\.0) == [56, 57])
    let statistics = try #require(tap.table.channels[id]?.statistics)
    #expect(statistics.messagesReceived == 4 && statistics.bytesReceived == 3)
    #expect(statistics.messagesSent == 2 && statistics.bytesSent == 0)
  }

  @Test func `drops and counts what belongs to no channel, or opens none`() throws {
    var tap = try Wiretap()
    tap.send([65], 51, on: 6)
    tap.send([2], on: 6)
    tap.send([3, 0, 0], on: 6)
    tap.send([9], on: 6)
    #expect(tap.table.dropped == 4)
    #expect(tap.table.channels.isEmpty && tap.offered == 0)
    tap.open("one", on: 6)
    tap.open("again", on: 6)
    tap.send([2], on: 6)
    #expect(tap.table.dropped == 6)
    #expect(tap.table.channels.count == 1 && tap.offered == 1)
  }

  @Test func `closes a channel on a stream that is ours to give, and says nothing of it`() throws {
    var tap = try Wiretap()
    tap.open("wrong", on: 3)
    #expect(tap.offered == 0)
    #expect(tap.table.dropped == 1)
    #expect(tap.heard.contains(.incomingStreamsReset([3])))
    tap.told = []
    tap.reset([3])
    #expect(tap.table.channels.isEmpty)
    #expect(tap.told.isEmpty)
    // The stream serves a channel of ours now.
    let now = tap.now
    for _ in 0..<2 {
      let id = tap.table.open(DataChannelParameters(label: "ours"), &tap.queue, at: now)
      #expect(id != nil)
    }
    #expect(Set(tap.table.channels.values.compactMap(\.stream)) == [1, 3])
  }

  @Test func `keeps the order of an unordered channel until the peer knows it`() throws {
    var tap = try Wiretap()
    let now = tap.now
    let id = tap.table.open(
      DataChannelParameters(label: "loose", isOrdered: false),
      &tap.queue,
      at: now
    )
    let made = try #require(id)
    #expect(tap.table.channels[made]?.options.isOrdered == true)
    tap.run()
    #expect(tap.table.channels[made]?.options.isOrdered == true)
    tap.send([2], on: 1)
    #expect(tap.table.channels[made]?.options.isOrdered == false)
  }

  @Test func `a stream is free once both directions are closed, whoever begins`() throws {
    var tap = try Wiretap()
    for round in 0..<3 {
      tap.open("round \(round)", on: 8)
      let id = try #require(tap.table.channels.keys.first)
      tap.told = []
      if round == 1 {
        let now = tap.now
        tap.table.close(id, &tap.queue, at: now)
        tap.run()
        #expect(tap.table.channels[id]?.state == .closing)
        // What comes in the meantime is nobody's, and no offence.
        tap.send([65], 51, on: 8)
        #expect(tap.table.dropped == 0)
      }
      tap.reset([8])
      #expect(tap.table.channels.isEmpty, "round \(round)")
      let isTold = tap.told.contains {
        if case .channel(id, .closed(nil)) = $0 { true } else { false }
      }
      #expect(isTold)
    }
    #expect(tap.table.opened == 3 && tap.table.closed == 3)
  }

  @Test func `ends every channel with an error when the peer aborts`() throws {
    var tap = try Wiretap()
    tap.open("one", on: 0)
    tap.open("two", on: 2)
    tap.told = []
    tap.peer.abort("enough", at: tap.now)
    tap.run()
    let failures = tap.told.compactMap { event -> String? in
      guard case .channel(_, .closed(let failure?)) = event else { return nil }
      return failure.description
    }
    #expect(failures.count == 2)
    #expect(failures.allSatisfy { $0.hasWord("enough") })
    #expect(tap.table.state == .closed && tap.table.channels.isEmpty)
    let now = tap.now
    #expect(tap.table.open(DataChannelParameters(label: ""), &tap.queue, at: now) == nil)
  }

  @Test func `tells that little is buffered only to one who has sent`() throws {
    var tap = try Wiretap()
    let now = tap.now
    let id = tap.table.open(DataChannelParameters(label: "x"), &tap.queue, at: now)
    let made = try #require(id)
    tap.run()
    let isLow: (PeerEvent) -> Bool = {
      if case .channel(made, .bufferedAmountLow) = $0 { true } else { false }
    }
    #expect(!tap.told.contains(where: isLow))
    let message = DataChannelMessage(isText: false, bytes: [UInt8](repeating: 1, count: 5_000))
    #expect(tap.table.send(message, on: made, at: tap.now) == .queued)
    #expect(tap.table.bufferedAmount(of: made) == 5_000)
    tap.run()
    #expect(tap.table.bufferedAmount(of: made) == 0)
    #expect(tap.told.count(where: isLow) == 1)
  }

  @Test func `has room for 1,024 channels, and drops what would be more`() throws {
    var tap = try Wiretap()
    for stream in stride(from: UInt16(0), to: 1_024, by: 2) {
      let open = DCEPMessage.open(DCEPOpen(label: "")).bytes ?? []
      let message = SCTPMessage(stream: stream, payloadProtocol: 50, payload: open)
      #expect(tap.peer.send(message, SCTPSendOptions(), at: tap.now) == .queued)
    }
    tap.run(for: .seconds(3))
    #expect(tap.table.channels.count == 512)
    let now = tap.now
    for _ in 0..<512 {
      let id = tap.table.open(DataChannelParameters(label: ""), &tap.queue, at: now)
      #expect(id != nil)
    }
    #expect(tap.table.open(DataChannelParameters(label: ""), &tap.queue, at: now) == nil)
    var agreed = DataChannelParameters(label: "")
    agreed.negotiatedStream = 1_024
    #expect(tap.table.open(agreed, &tap.queue, at: now) == nil)
  }
}
