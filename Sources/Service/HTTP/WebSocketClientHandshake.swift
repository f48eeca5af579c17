// SPDX-License-Identifier: Apache-2.0
public import Wire

/// The client's side of the opening handshake (RFC 6455 section 4.1), without a socket and without a
/// clock: send what it transmits, feed what comes back, and it tells once how it ended.
public struct WebSocketClientHandshake: Sendable {
  /// How it ended.
  public enum Event: Hashable, Sendable {
    /// The WebSocket is open: what follows is for a `WebSocketConnection`, `leftover` first.
    case open(subprotocol: String?, leftover: [UInt8])
    /// The server answers with another status than 101.
    case refused(status: Int)
    /// This is no WebSocket server, it is gone, or it takes too long; a sentence for a person.
    case failed(String)
  }

  private let accept: String
  private let subprotocols: [String]
  private var reader: HTTPResponseReader
  private var output: [UInt8]
  private var sent = 0
  private var event: Event?
  private var isOver = false

  /// When `advance(to:)` is to be called.
  public private(set) var deadline: Timestamp?

  /// Asks `authority` for `target`.
  /// - Parameters:
  ///   - authority: The server, as `Host` names it.
  ///   - target: Path and query; what may not stand in a request line is percent-encoded.
  ///   - headers: Fields to add, such as Authorization, Origin and Cookie.
  ///   - subprotocols: What is offered, the best first.
  ///   - limits: How much the server may take.
  ///   - random: Where the key comes from.
  ///   - now: The time.
  public init(
    authority: HTTPAuthority,
    target: String,
    headers: HTTPHeaders = HTTPHeaders(),
    subprotocols: [String] = [],
    limits: WebSocketLimits = WebSocketLimits(),
    random: inout RandomSource,
    at now: Timestamp
  ) {
    let key = Text.base64(random.bytes(16))
    accept = WebSocketHandshake.accept(key)
    self.subprotocols = subprotocols
    reader = HTTPResponseReader(limits: HTTPLimits())
    deadline = now + limits.openTime
    var fields = HTTPHeaders([
      .init("Host", "\(authority)"),
      .init("Upgrade", "websocket"),
      .init("Connection", "Upgrade"),
      .init("Sec-WebSocket-Version", WebSocketHandshake.version),
      .init("Sec-WebSocket-Key", key),
    ])
    for subprotocol in subprotocols { fields.append("Sec-WebSocket-Protocol", subprotocol) }
    output = Array("GET ".utf8)
    for byte in target.utf8 {
      // No blank and no end of line may end the target early.
      output += byte > 0x20 && byte < 0x7F ? [byte] : Array("%\(Text.hex([byte]))".utf8)
    }
    output += " HTTP/1.1\r\n".utf8
    for field in fields.fields + headers.fields { HTTPResponse.append(field, to: &output) }
    output += "\r\n".utf8
  }

  /// Takes bytes of the server; after the end, they are dropped.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Timestamp) {
    guard !isOver else { return }
    do throws(HTTPAnswerFault) {
      guard let (head, leftover) = try reader.receive(bytes) else { return }
      end(check(head, leftover))
    } catch {
      end(.failed(error.sentence))
    }
  }

  /// Says that the server will send no more (end of file).
  public mutating func peerClosed() {
    end(.failed("The server closed the connection without an answer."))
  }

  /// Does what is due at `now`.
  public mutating func advance(to now: Timestamp) {
    guard let deadline, now >= deadline else { return }
    end(.failed("The server did not answer in time."))
  }

  /// Appends bytes of the request to `slot`, as many as fit; `false` when there are none.
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Bool {
    guard sent < output.count, slot.freeCapacity > 0 else { return false }
    let end = min(output.count, sent + slot.freeCapacity)
    for byte in output[sent..<end] { slot.append(byte) }
    sent = end
    return true
  }

  /// How it ended, once.
  public mutating func nextEvent() -> Event? {
    event.take()
  }

  private mutating func end(_ event: Event) {
    guard !isOver else { return }
    isOver = true
    deadline = nil
    self.event = event
  }

  private func check(_ head: HTTPResponseHead, _ leftover: [UInt8]) -> Event {
    guard head.status == 101 else { return .refused(status: head.status) }
    let headers = head.headers
    guard head.minorVersion > 0, headers.list(of: "Upgrade", has: "websocket"),
      headers.list(of: "Connection", has: "upgrade"),
      headers.values(of: "Sec-WebSocket-Accept") == [accept]
    else { return .failed("The server's answer is not that of a WebSocket server.") }
    let chosen = headers.values(of: "Sec-WebSocket-Protocol")
    guard headers.list(of: "Sec-WebSocket-Extensions").isEmpty,
      chosen.count <= 1, chosen.allSatisfy(subprotocols.contains)
    else { return .failed("The server chose an extension or a subprotocol that was not offered.") }
    return .open(subprotocol: chosen.first, leftover: leftover)
  }
}
