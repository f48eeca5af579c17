// SPDX-License-Identifier: Apache-2.0
public import Wire

extension WebSocketConnection {
  /// Takes bytes that the socket gave.
  ///
  /// Call only while `canReceive`: bytes given nevertheless end the connection.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Timestamp) {
    self.now = now
    statistics.bytesReceived &+= bytes.count
    var index = 0
    do throws(WebSocketFailure) {
      guard canReceive || !isReading else {
        throw WebSocketFailure(.policyViolation, "Too many messages came at a time.")
      }
      while isReading, index < bytes.count {
        if input.payload == nil {
          index = try readHead(bytes, from: index)
        } else {
          index = try readPayload(bytes, from: index)
        }
      }
    } catch {
      fail(error)
    }
    if !isReading { statistics.bytesDiscarded &+= bytes.count - index }
    if state == .open, input.isPartial {
      messageTimer = messageTimer ?? now + limits.messageTime
    } else {
      messageTimer = nil
    }
  }

  /// Whether the peer's Close is still to come.
  private var isReading: Bool { state == .open || state == .closing }

  /// Reads bytes of a head; answers where they end.
  private mutating func readHead(
    _ bytes: Span<UInt8>,
    from start: Int
  ) throws(WebSocketFailure) -> Int {
    var index = start
    while index < bytes.count {
      input.head.append(bytes[index])
      index += 1
      guard input.head.count >= 2,
        input.head.count == WebSocketFrame.headBytes(second: input.head[1])
      else { continue }
      let frame = try WebSocketFrame(input.head.span, isMasked: role == .server)
      input.head.removeAll(keepingCapacity: true)
      try begin(frame)
      return index
    }
    return index
  }

  private mutating func begin(_ frame: WebSocketFrame) throws(WebSocketFailure) {
    switch frame.opcode {
    case .text, .binary:
      guard input.message == nil else {
        throw WebSocketFailure(.protocolError, "A message began inside another one.")
      }
      input.message = frame.opcode == .text ? .text(UTF8Validator()) : .binary
      fallthrough
    case .continuation:
      guard input.message != nil else {
        throw WebSocketFailure(.protocolError, "A message goes on that never began.")
      }
      guard frame.length <= limits.message - input.content.count else {
        throw WebSocketFailure(
          .messageTooBig,
          "A message is longer than \(limits.message) bytes."
        )
      }
    case .close, .ping, .pong:
      break
    }
    input.payload = WebSocketInput.Payload(frame)
    if frame.length == 0 { try finishFrame() }
  }

  /// Reads bytes of a payload; answers where they end.
  private mutating func readPayload(
    _ bytes: Span<UInt8>,
    from start: Int
  ) throws(WebSocketFailure) -> Int {
    guard var payload = input.payload else { return start }
    let end = start + min(payload.missing, bytes.count - start)
    let isControl = payload.frame.opcode.isControl
    var validator: UTF8Validator?
    if !isControl, case .text(let current) = input.message { validator = current }
    var target = isControl ? input.control : input.content
    // Held once only, so that appending copies nothing.
    if isControl { input.control = [] } else { input.content = [] }
    var key = payload.key
    for index in start..<end {
      let byte = bytes[index] ^ UInt8(truncatingIfNeeded: key >> 24)
      key = key << 8 | key >> 24
      guard validator?.accepts(byte) ?? true else { throw Self.notUTF8 }
      target.append(byte)
    }
    if isControl { input.control = target } else { input.content = target }
    if let validator { input.message = .text(validator) }
    payload.key = key
    payload.missing -= end - start
    input.payload = payload
    if payload.missing == 0 { try finishFrame() }
    return end
  }

  private static var notUTF8: WebSocketFailure {
    WebSocketFailure(.invalidPayload, "A text is not UTF-8.")
  }

  /// Does what the frame says whose payload is whole.
  private mutating func finishFrame() throws(WebSocketFailure) {
    guard let frame = input.payload?.frame else { return }
    input.payload = nil
    if state == .open {
      // Whoever sends whole frames is there.
      isAwaitingPong = false
      timer = now + limits.pingInterval
    }
    guard frame.opcode.isControl else {
      if frame.isFinal { try finishMessage() }
      return
    }
    let payload = input.control
    input.control.removeAll(keepingCapacity: true)
    switch frame.opcode {
    case .ping:
      statistics.pingsReceived &+= 1
      answerPing(payload)
    case .close:
      try finishClose(payload)
    default:
      break
    }
    if input.message == nil { messageTimer = nil }
  }

  private mutating func finishMessage() throws(WebSocketFailure) {
    var content: [UInt8] = []
    swap(&content, &input.content)
    let message = input.message
    input.message = nil
    messageTimer = nil
    if case .text(let validator) = message, !validator.isComplete { throw Self.notUTF8 }
    // After our own Close nothing is told any more.
    guard state == .open else { return }
    statistics.messagesReceived &+= 1
    switch message {
    case .text: tell(.text(String(decoding: content, as: UTF8.self)), bytes: content.count)
    case .binary: tell(.binary(content), bytes: content.count)
    case nil: break
    }
  }

  /// Reads the payload of a Close: nothing, or a code and a reason (RFC 6455 section 5.5.1).
  private mutating func finishClose(_ payload: [UInt8]) throws(WebSocketFailure) {
    guard !payload.isEmpty else { return receiveClose(.noStatus, "") }
    var reader = ByteReader(payload.span)
    guard let number = reader.readUInt16() else {
      throw WebSocketFailure(.protocolError, "A Close has half a code.")
    }
    let code = WebSocketCloseCode(rawValue: number)
    guard code.mayBeSent else {
      throw WebSocketFailure(.protocolError, "A Close has a code that may not be sent.")
    }
    var validator = UTF8Validator()
    guard payload[2...].allSatisfy({ validator.accepts($0) }), validator.isComplete else {
      throw Self.notUTF8
    }
    receiveClose(code, String(decoding: payload[2...], as: UTF8.self))
  }
}
