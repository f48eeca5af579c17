// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// An answer's status line and fields, as a client reads them (RFC 9112 sections 4 and 5).
public struct HTTPResponseHead: Hashable, Sendable {
  /// The status code, 100 to 599.
  public var status: Int
  /// The minor version of `HTTP/1.x`.
  public var minorVersion: Int
  /// The fields.
  public var headers: HTTPHeaders

  /// Reads a head whose every line ends in CR LF, without the empty line at the end.
  init(_ text: HTTPText, limits: HTTPLimits) throws(HTTPAnswerFault) {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    guard lines.popLast()?.isEmpty == true, lines.allSatisfy({ $0.last == UInt8(ascii: "\r") })
    else { throw HTTPAnswerFault("A line of the server's answer does not end in CR LF.") }
    (minorVersion, status) = try Self.statusLine((lines.popFirst() ?? []).dropLast())
    guard lines.count <= limits.fields else {
      throw HTTPAnswerFault("The server's answer has more than \(limits.fields) header fields.")
    }
    headers = HTTPHeaders()
    for line in lines {
      guard let field = try? RequestHead.field(line.dropLast()) else {
        throw HTTPAnswerFault("A header field of the server's answer is malformed.")
      }
      headers.fields.append(field)
    }
  }

  /// `HTTP/1.x`, a blank, three digits, and perhaps a blank and a phrase (RFC 9112 section 4).
  private static func statusLine(
    _ line: HTTPText
  ) throws(HTTPAnswerFault) -> (minorVersion: Int, status: Int) {
    let (version, rest) = line.cut(at: UInt8(ascii: " "))
    guard version.count == 8, version.starts(with: "HTTP/1.".utf8),
      let minorVersion = version.suffix(1).decimal, let rest
    else { throw HTTPAnswerFault("The server does not answer in HTTP/1.1.") }
    let (digits, phrase) = rest.cut(at: UInt8(ascii: " "))
    // A phrase goes to terminals and logs: nothing in it may act there.
    let isPlain = (phrase ?? []).allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    guard digits.count == 3, let status = digits.decimal, (100...599).contains(status), isPlain
    else { throw HTTPAnswerFault("The status line of the server's answer is malformed.") }
    return (minorVersion, status)
  }
}

/// What is wrong with a server's answer: a sentence for a person.
struct HTTPAnswerFault: Error {
  let sentence: String

  init(_ sentence: String) {
    self.sentence = sentence
  }
}

/// Finds the head of an answer in the bytes of a server, as they come.
///
/// Interim answers (1xx but 101) are passed over (RFC 9110 section 15.2).
struct HTTPResponseReader: Sendable {
  private let limits: HTTPLimits
  private var input: [UInt8] = []
  /// Where the end of a head is looked for next.
  private var next = 0
  /// Bytes of interim answers.
  private var passed = 0

  init(limits: HTTPLimits) {
    self.limits = limits
  }

  /// Takes bytes; answers the head and what follows it once it is whole.
  mutating func receive(
    _ bytes: Span<UInt8>
  ) throws(HTTPAnswerFault) -> (head: HTTPResponseHead, leftover: [UInt8])? {
    input.append(copying: bytes)
    while let end = endOfHead() {
      guard passed + end <= limits.head else { throw tooLong }
      let head = try HTTPResponseHead(input[..<(end - 2)], limits: limits)
      let leftover = Array(input[end...])
      guard (100...199).contains(head.status), head.status != 101 else {
        input = []
        return (head, leftover)
      }
      passed += end
      input = leftover
      next = 0
    }
    if input.count > limits.requestLine,
      !input.prefix(limits.requestLine).contains(UInt8(ascii: "\n"))
    {
      throw HTTPAnswerFault(
        "The status line of the server's answer is longer than \(limits.requestLine) bytes."
      )
    }
    guard passed + input.count <= limits.head else { throw tooLong }
    return nil
  }

  private var tooLong: HTTPAnswerFault {
    HTTPAnswerFault("The head of the server's answer is longer than \(limits.head) bytes.")
  }

  /// Where the head ends, its empty line included; `nil` while that has not come.
  private mutating func endOfHead() -> Int? {
    let mark = Array("\r\n\r\n".utf8)
    while next + mark.count <= input.count {
      if input[next] == mark[0], input[next...].starts(with: mark) { return next + mark.count }
      next += 1
    }
    return nil
  }
}
