// SPDX-License-Identifier: Apache-2.0
import DTLS
import EventLoop
import HTTP
import JSON
import Testing
import WebRTC
import Wire

/// One who has nothing but channels to the device.
private actor Pen: EventLoopActor {
  nonisolated let loop: EventLoop
  let connection: RTCPeerConnection

  init(on network: PeerNetwork) {
    loop = network.loop
    connection = RTCPeerConnection(on: network)
  }

  static func make(on loop: EventLoop) async throws -> Pen {
    var random = RandomSource.system
    let identity = try DTLSIdentity.make(using: &random)
    return try await withCheckedThrowingContinuation { continuation in
      loop.post {
        continuation.resume(
          with: Result {
            Pen(on: try PeerNetwork(on: loop, identity: identity, interfaces: ["lo"]))
          }
        )
      }
    }
  }

  func open(_ label: String) async throws -> RTCDataChannel {
    try await connection.createDataChannel(label)
  }

  func connect(to desk: Desk) async throws {
    try await connection.setLocalDescription()
    let offer = try #require(await connection.localDescription).sdp
    let answer = await desk.offer(offer)
    #expect(answer.status == 201, "\(answer.text)")
    try await connection.setRemoteDescription(.init(type: .answer, sdp: answer.text))
  }
}

@Suite struct DeviceChannelsTests {
  /// The next message of a channel as JSON.
  private func next(_ events: inout RTCDataChannel.Events.Iterator) async throws -> JSONValue {
    while let event = await events.next(isolation: #isolation) {
      if case .message(.text(let text)) = event { return try JSONValue(parsing: text) }
    }
    return .null
  }

  @Test(arguments: [true, false])
  func `echoes what comes, with a camera and without, and closes what it does not know`(
    hasCamera: Bool
  ) async throws {
    let desk = try await Desk.make(hasCamera: hasCamera)
    let pen = try await Pen.make(on: desk.loop)
    let echo = try await pen.open("echo")
    let other = try await pen.open("unheard of")
    try await pen.connect(to: desk)
    var heard = echo.events.makeAsyncIterator()
    #expect(await heard.next() == .open)
    for message: RTCDataChannel.Message in [
      .text("hello"), .binary([UInt8](repeating: 9, count: 262_144)), .text(""), .binary([]),
    ] {
      try await echo.send(message)
      var back = await heard.next()
      while back == .bufferedAmountLow { back = await heard.next() }
      #expect(back == .message(message))
    }
    var ends: [RTCDataChannel.Event] = []
    for await event in other.events { ends.append(event) }
    #expect(ends == [.open, .closing, .close])
    await pen.connection.close()
    await desk.close()
  }

  @Test func `shows what a visitor writes to all, and greets each`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    var pens: [(pen: Pen, channel: RTCDataChannel, events: RTCDataChannel.Events.Iterator)] = []
    for number in 1...2 {
      let pen = try await Pen.make(on: desk.loop)
      let channel = try await pen.open("messages")
      try await pen.connect(to: desk)
      var events = channel.events.makeAsyncIterator()
      let greeting = try await next(&events)
      #expect(greeting["you"]?.integer == Int64(number))
      #expect(greeting["text"]?.string?.holds("visitor \(number)") == true)
      pens.append((pen, channel, events))
    }
    try await pens[1].channel.send("<b>hello</b>")
    for index in pens.indices {
      let shown = try await next(&pens[index].events)
      #expect(shown["from"]?.integer == 2 && shown["text"]?.string == "<b>hello</b>")
    }
    // What cannot be shown is told to who wrote it, and to nobody else.
    try await pens[0].channel.send(String(repeating: "x", count: 2_001))
    try await pens[0].channel.send("  \n")
    try await pens[0].channel.send([1, 2])
    for _ in 0..<3 {
      #expect(try await next(&pens[0].events)["error"]?.string?.isEmpty == false)
    }
    // Who writes without end is slowed down.
    for _ in 0..<12 { try await pens[0].channel.send("again") }
    var refused = 0
    for _ in 0..<12 where try await next(&pens[0].events)["error"] != nil { refused += 1 }
    #expect((1...5).contains(refused))
    #expect(try await next(&pens[1].events)["text"]?.string == "again")
    for pen in pens { await pen.pen.connection.close() }
    await desk.close()
  }
}
