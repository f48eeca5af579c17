// SPDX-License-Identifier: Apache-2.0
import HTTP
import Wire

/// Plays owner, socket and clock of a WebSocket client: its handshake, and then its frames.
struct ClientProbe {
  var handshake: WebSocketClientHandshake
  var now = Timestamp.zero
  /// How the handshake ended.
  var events: [WebSocketClientHandshake.Event] = []
  /// What follows it, once it has ended well.
  var frames: WebSocketProbe?

  init(
    _ subprotocols: [String] = ["c"],
    target: String = "/ws",
    headers: HTTPHeaders = HTTPHeaders()
  ) {
    var random = RandomSource.seeded(4)
    handshake = WebSocketClientHandshake(
      authority: HTTPAuthority(.name("porthole.local"), port: 8_080),
      target: target,
      headers: headers,
      subprotocols: subprotocols,
      random: &random,
      at: .zero
    )
  }

  /// Everything that the client sends, taken in pieces of `size`.
  mutating func request(by size: Int = 1_000) -> [UInt8] {
    var handshake = handshake
    var result: [UInt8] = []
    var isMore = true
    while isMore {
      var count = 0
      let room = 1_000 - size
      let block = InlineArray<1_000, UInt8>(initializingWith: { slot in
        slot.append(repeating: 0, count: room)
        isMore = handshake.nextTransmit(into: &slot)
        count = slot.count - room
        slot.append(repeating: 0, count: slot.freeCapacity)
      })
      result.append(copying: block.span.extracting(room..<(room + count)))
    }
    self.handshake = handshake
    return result
  }

  /// What a server that knows `subprotocols` answers.
  mutating func answer(choosing subprotocols: [String] = ["c"]) throws -> [UInt8] {
    var probe = HTTPProbe()
    probe.answer = nil
    probe.send(request())
    guard let request = probe.requests.first,
      case .accepted(let response, _) = WebSocketHandshake.answer(
        to: request,
        subprotocols: subprotocols
      ),
      probe.connection.upgrade(response, at: .zero) == []
    else { throw CheckFailure(description: "refused: \(probe.received)") }
    probe.settle()
    return Array(probe.received.utf8)
  }

  /// Feeds `bytes` in pieces of `size`.
  mutating func receive(_ bytes: [UInt8], by size: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(size))
      rest = rest.dropFirst(piece.count)
      if frames != nil {
        frames?.send(piece)
        continue
      }
      handshake.receive(piece.span, at: now)
      settle()
    }
  }

  mutating func receive(_ text: String) {
    receive(Array(text.utf8))
  }

  /// Lets time pass in the client's own steps.
  mutating func wait(_ duration: Duration) {
    let end = now + duration
    while let next = handshake.deadline, next <= end {
      now = next
      handshake.advance(to: now)
      settle()
    }
    now = end
    frames?.wait(duration)
  }

  /// Says that the server has ended.
  mutating func end() {
    handshake.peerClosed()
    settle()
  }

  /// Whether nothing is left to happen.
  var isClosed: Bool { frames?.isClosed ?? !events.isEmpty }

  private mutating func settle() {
    while let event = handshake.nextEvent() {
      events.append(event)
      guard case .open(_, let leftover) = event else { continue }
      frames = WebSocketProbe(.client)
      frames?.send(leftover)
    }
  }

  /// Answers of servers, each behind a byte that says how it is cut.
  static let seeds: [[UInt8]] = {
    var probe = ClientProbe()
    let answer = (try? probe.answer()) ?? []
    let frames = ProbeFrame.text("Hello").plain.bytes + ProbeFrame.close(1_000).plain.bytes
    let interim = Array("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".utf8)
    let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"
    return [answer + frames, interim + answer, Array(refusal.utf8)].flatMap { bytes in
      [[1] + bytes, [7] + bytes, [255] + bytes]
    }
  }()
}
