// SPDX-License-Identifier: Apache-2.0
import HTTP
import Wire

/// Plays client, socket and clock of one connection.
struct HTTPProbe {
  var connection: HTTPConnection
  var now = Timestamp.zero
  var requests: [HTTPRequest] = []
  /// Everything the client has received.
  var received = ""
  var hasStoppedSending = false
  var isClosed = false
  /// What every request is answered with; `nil` leaves them open.
  var answer: HTTPResponse? = HTTPResponse(200, text: "yes")

  init(_ limits: HTTPLimits = HTTPLimits()) {
    connection = HTTPConnection(limits: limits, at: .zero)
  }

  /// Sends `text` in pieces of `size` bytes.
  mutating func send(_ text: String, by size: Int = .max) {
    send(Array(text.utf8), by: size)
  }

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

  /// Answers what is asked and takes what is sent.
  mutating func settle() {
    while true {
      if let event = connection.nextEvent() {
        switch event {
        case .request(let request):
          requests.append(request)
          if let answer { connection.respond(answer, at: now) }
        case .stopSending: hasStoppedSending = true
        case .close: isClosed = true
        }
      } else if !transmit(1_000) {
        return
      }
    }
  }

  /// Takes at most `count` bytes (up to 4,096) of what is sent.
  mutating func transmit(_ count: Int) -> Bool {
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
    let bytes = [UInt8](block.span.extracting(room..<(room + length)))
    received += String(decoding: bytes, as: UTF8.self)
    return isMore
  }

  /// The statuses of all answers received.
  var statuses: [Int] {
    let lines = received.utf8.split(separator: UInt8(ascii: "\n"))
    return lines.filter { $0.starts(with: "HTTP/1.1 ".utf8) }.compactMap { line in
      Int(String(decoding: line.dropFirst(9).prefix(3), as: UTF8.self))
    }
  }
}
