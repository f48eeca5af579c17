// SPDX-License-Identifier: Apache-2.0
import HTTP
import Wire

/// A frame as a peer may send it: nothing keeps it from being wrong.
struct ProbeFrame {
  var opcode: UInt8
  var payload: [UInt8]
  var isFinal = true
  var reserved: UInt8 = 0
  /// The key; `nil` leaves the frame plain.
  var key: UInt32? = 0x37FA_213D
  /// 0, 2 or 8 bytes for the length; `nil` for the shortest form.
  var lengthBytes: Int?

  init(_ opcode: UInt8, _ payload: [UInt8] = []) {
    self.opcode = opcode
    self.payload = payload
  }

  static func text(_ text: String) -> ProbeFrame { ProbeFrame(1, Array(text.utf8)) }

  static func close(_ code: UInt16, _ reason: String = "") -> ProbeFrame {
    ProbeFrame(8, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8))
  }

  /// The same frame with `isFinal` false.
  var unfinished: ProbeFrame {
    var frame = self
    frame.isFinal = false
    return frame
  }

  /// The same frame without a key.
  var plain: ProbeFrame {
    var frame = self
    frame.key = nil
    return frame
  }

  var bytes: [UInt8] {
    var result: [UInt8] = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
    let mask: UInt8 = key == nil ? 0 : 0x80
    switch lengthBytes ?? (payload.count < 126 ? 0 : payload.count < 65_536 ? 2 : 8) {
    case 0: result.append(mask | UInt8(payload.count))
    case 2:
      result.append(mask | 126)
      result.append(bigEndian: UInt16(payload.count))
    default:
      result.append(mask | 127)
      result.append(bigEndian: UInt64(payload.count))
    }
    guard let key else { return result + payload }
    result.append(bigEndian: key)
    for (index, byte) in payload.enumerated() {
      result.append(byte ^ UInt8(truncatingIfNeeded: key >> UInt32(24 - index % 4 * 8)))
    }
    return result
  }
}

/// Plays owner, socket, clock and peer of one WebSocket; the peer's side is a real one, too, which
/// must find no fault with what it is sent.
struct WebSocketProbe {
  var connection: WebSocketConnection
  var peer: WebSocketConnection
  var now = Timestamp.zero
  /// What the owner was told.
  var events: [WebSocketEvent] = []
  /// What the peer was told.
  var peerEvents: [WebSocketEvent] = []
  /// Everything sent, as bytes.
  var sent: [UInt8] = []
  /// Whether every message is sent back.
  var echoes = false

  init(_ role: WebSocketConnection.Role = .server, _ limits: WebSocketLimits = WebSocketLimits()) {
    connection = WebSocketConnection(role, limits: limits, random: .seeded(1), at: .zero)
    var wide = WebSocketLimits()
    wide.message = 1 << 24
    wide.pingInterval = .seconds(100_000)
    wide.closeTime = .seconds(100_000)
    peer = WebSocketConnection(
      role == .server ? .client : .server,
      limits: wide,
      random: .seeded(2),
      at: .zero
    )
  }

  /// What the owner was told first.
  static func after(
    _ frames: [ProbeFrame],
    role: WebSocketConnection.Role = .server,
    limits: WebSocketLimits = WebSocketLimits()
  ) -> WebSocketProbe {
    var probe = WebSocketProbe(role, limits)
    for frame in frames { probe.send(role == .server ? frame : frame.plain) }
    return probe
  }

  mutating func send(_ frame: ProbeFrame) {
    send(frame.bytes)
  }

  /// Sends `bytes` in pieces of `size`.
  mutating func send(_ bytes: [UInt8], by size: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(size))
      rest = rest.dropFirst(piece.count)
      connection.receive(piece.span, at: now)
      settle()
    }
  }

  /// Lets time pass in the connection's own steps.
  mutating func wait(_ duration: Duration) {
    let end = now + duration
    while let next = connection.deadline, next <= end {
      now = next
      connection.advance(to: now)
      settle()
    }
    now = end
  }

  /// Takes what is told and what is sent.
  mutating func settle() {
    while true {
      if let event = connection.nextEvent() {
        events.append(event)
        guard echoes else { continue }
        switch event {
        case .text(let text): connection.send(text: text)
        case .binary(let bytes): connection.send(binary: bytes)
        case .closed, .close: break
        }
      } else if !transmit(1_000) {
        return
      }
    }
  }

  /// Takes at most `count` bytes (up to 4,096) of what is sent.
  mutating func transmit(_ count: Int) -> Bool {
    guard connection.bytesWaiting > 0 else { return false }
    var connection = connection
    var isMore = false
    var length = 0
    let room = 4_096 - min(count, 4_096)
    let block = InlineArray<4_096, UInt8>(initializingWith: { slot in
      slot.append(repeating: 0, count: room)
      isMore = connection.nextTransmit(into: &slot)
      length = slot.count - room
      slot.append(repeating: 0, count: slot.freeCapacity)
    })
    self.connection = connection
    let bytes = block.span.extracting(room..<(room + length))
    sent.append(copying: bytes)
    peer.receive(bytes, at: now)
    while let event = peer.nextEvent() { peerEvents.append(event) }
    return isMore
  }

  /// The code and the reason with which it ended.
  var ending: (code: UInt16, reason: String)? {
    for event in events {
      if case .closed(let code, let reason) = event { return (code.rawValue, reason) }
    }
    return nil
  }

  /// The code that the peer was sent.
  var peerEnding: UInt16? {
    for event in peerEvents {
      if case .closed(let code, _) = event { return code.rawValue }
    }
    return nil
  }

  /// Whether the owner was told to close the socket.
  var isClosed: Bool { events.last == .close }

  /// The messages that the owner was told.
  var messages: [WebSocketEvent] {
    events.filter { event in
      switch event {
      case .text, .binary: true
      case .closed, .close: false
      }
    }
  }
}
