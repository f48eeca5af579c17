// SPDX-License-Identifier: Apache-2.0
public import Wire

/// The client's side of the opening handshake (RFC 6455 section 4.1): send `request`, feed what
/// comes back to `receive(_:)` until it has an outcome.
public struct WebSocketClientHandshake: Sendable {
  /// How it ended.
  public enum Outcome: Hashable, Sendable {
    /// The WebSocket is open; `leftover` is the beginning of its bytes.
    case open(subprotocol: String?, leftover: [UInt8])
    /// It was refused, or this is no WebSocket server; a sentence for a person.
    case failed(String)
  }

  /// Bytes of the longest answer.
  private static let maximumHead = 8_192

  /// What to send.
  public let request: [UInt8]

  private let accept: String
  private let subprotocols: [String]
  private var input: [UInt8] = []
  private var outcome: Outcome?

  /// Asks `authority` for `target`, with `headers` (Authorization, Origin, Cookie) added.
  public init(
    authority: HTTPAuthority,
    target: String,
    headers: HTTPHeaders = HTTPHeaders(),
    subprotocols: [String] = [],
    random: inout RandomSource
  ) {
    let key = Text.base64(random.bytes(16))
    accept = WebSocketHandshake.accept(key)
    self.subprotocols = subprotocols
    var fields = HTTPHeaders([
      .init("Host", "\(authority)"),
      .init("Upgrade", "websocket"),
      .init("Connection", "Upgrade"),
      .init("Sec-WebSocket-Version", WebSocketHandshake.version),
      .init("Sec-WebSocket-Key", key),
    ])
    for subprotocol in subprotocols { fields.append("Sec-WebSocket-Protocol", subprotocol) }
    var request = Array("GET ".utf8)
    for byte in target.utf8 {
      // No blank and no end of line may end the target early.
      request += byte > 0x20 && byte < 0x7F ? [byte] : Array("%\(Text.hex([byte]))".utf8)
    }
    request += " HTTP/1.1\r\n".utf8
    for field in fields.fields + headers.fields { HTTPResponse.append(field, to: &request) }
    request += "\r\n".utf8
    self.request = request
  }

  /// Takes bytes of the server; `nil` while more are needed.
  public mutating func receive(_ bytes: Span<UInt8>) -> Outcome? {
    guard outcome == nil else { return outcome }
    let emptyLine = Array("\r\n\r\n".utf8)
    let known = max(0, input.count - 3)
    input.append(copying: bytes)
    var start = known
    while start + 4 <= input.count, !input[start...].starts(with: emptyLine) { start += 1 }
    guard start + 4 <= input.count, start <= Self.maximumHead else {
      guard input.count > Self.maximumHead else { return nil }
      return end(.failed("The server's answer is longer than \(Self.maximumHead) bytes."))
    }
    return end(check(input[..<(start + 2)], leftover: Array(input[(start + 4)...])))
  }

  private mutating func end(_ outcome: Outcome) -> Outcome {
    input = []
    self.outcome = outcome
    return outcome
  }

  private func check(_ head: HTTPText, leftover: [UInt8]) -> Outcome {
    var lines = head.split(separator: UInt8(ascii: "\n"))[...]
    let status = (lines.popFirst() ?? []).dropLast()
    guard status.starts(with: "HTTP/1.1 ".utf8), let code = status.dropFirst(9).prefix(3).decimal
    else { return .failed("The server does not answer in HTTP/1.1.") }
    guard code == 101 else {
      return .failed("The server refuses the WebSocket: \(status.dropFirst(9).string)")
    }
    var headers = HTTPHeaders()
    for line in lines {
      guard let field = try? RequestHead.field(line.dropLast()) else {
        return .failed("A header field of the server's answer is malformed.")
      }
      headers.fields.append(field)
    }
    guard headers.list(of: "Upgrade", has: "websocket"),
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
