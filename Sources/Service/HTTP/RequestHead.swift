// SPDX-License-Identifier: Apache-2.0

/// Why the connection answers a request by itself: a status and a sentence for a person.
struct HTTPRefusal: Error {
  let status: Int
  let sentence: String

  init(_ status: Int, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }
}

/// A request's line and fields, checked, with how its body is framed (RFC 9112 sections 3 to 6).
struct RequestHead {
  /// How the end of a body is found.
  enum Framing: Equatable {
    case length(Int)
    case chunked
  }

  /// The request, its body still empty.
  var request: HTTPRequest
  /// How the body is framed.
  var framing = Framing.length(0)
  /// Whether the client waits for `100 Continue` before it sends the body.
  var wantsContinue = false
  /// Whether the connection ends after this request.
  var isLast = false

  private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

  /// Reads a head whose every line ends in CR LF, without the empty line at the end.
  init(_ text: HTTPText, limits: HTTPLimits) throws(HTTPRefusal) {
    var lines = text.split(separator: UInt8(ascii: "\n"))[...]
    guard let line = lines.popFirst() else { throw HTTPRefusal(400, "The request is empty.") }
    request = try Self.requestLine(line.dropLast())
    guard lines.count <= limits.fields else {
      throw HTTPRefusal(431, "The request has more than \(limits.fields) header fields.")
    }
    for line in lines { request.headers.fields.append(try Self.field(line.dropLast())) }
    try checkHost()
    try checkFraming(limits)
    try checkExpectation()
    isLast =
      request.minorVersion == 0
      ? !request.headers.list(of: "Connection", has: "keep-alive")
      : request.headers.list(of: "Connection", has: "close")
  }

  private static func requestLine(_ line: HTTPText) throws(HTTPRefusal) -> HTTPRequest {
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isToken else {
      throw HTTPRefusal(400, "The request line is not of the form: method target HTTP/1.1.")
    }
    let minor = try version(parts[2])
    let method = parts[0].string
    guard methods.contains(method) else {
      throw HTTPRefusal(501, "The method of the request is not one that this server knows.")
    }
    let target = try HTTPTarget(parts[1], method: method)
    return HTTPRequest(
      method: method,
      target: parts[1].string,
      path: target.path,
      query: target.query,
      minorVersion: minor,
      headers: HTTPHeaders(),
      authority: target.authority,
      body: []
    )
  }

  /// The minor version of `HTTP/1.x`.
  private static func version(_ text: HTTPText) throws(HTTPRefusal) -> Int {
    let digits = text.suffix(3)
    guard text.count == 8, text.starts(with: "HTTP/".utf8),
      let major = digits.prefix(1).decimal, digits.dropFirst().first == UInt8(ascii: "."),
      let minor = digits.suffix(1).decimal
    else { throw HTTPRefusal(400, "The request line does not end in HTTP/1.1.") }
    guard major == 1 else {
      throw HTTPRefusal(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
    }
    return minor
  }

  /// Reads a field line without its end.
  static func field(_ line: HTTPText) throws(HTTPRefusal) -> HTTPHeaders.Field {
    let (name, value) = line.cut(at: UInt8(ascii: ":"))
    // A blank before the colon or at the start of a line (a folded field) makes readers disagree.
    guard name.isToken, let value = value?.trimmed else {
      throw HTTPRefusal(400, "A header field is not of the form: name, colon, value.")
    }
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw HTTPRefusal(400, "A header field has a control character in its value.")
    }
    return .init(name.string, value.string)
  }

  private mutating func checkHost() throws(HTTPRefusal) {
    let hosts = request.headers.values(of: "Host")
    guard hosts.count == 1 || hosts.isEmpty && request.minorVersion == 0 else {
      throw HTTPRefusal(400, "The request has not exactly one Host field.")
    }
    guard let text = hosts.first else { return }
    guard let authority = HTTPAuthority(text) else {
      throw HTTPRefusal(400, "The Host field is neither an address nor a name.")
    }
    // RFC 9112 section 3.2.2: an absolute target counts, whatever Host says.
    request.authority = request.authority ?? authority
  }

  /// RFC 9112 section 6: whatever two readers could frame differently is refused.
  private mutating func checkFraming(_ limits: HTTPLimits) throws(HTTPRefusal) {
    let lengths = request.headers.values(of: "Content-Length")
    let codings = request.headers.values(of: "Transfer-Encoding")
    guard lengths.isEmpty || codings.isEmpty else {
      throw HTTPRefusal(400, "The request has both Content-Length and Transfer-Encoding.")
    }
    guard lengths.count <= 1, codings.count <= 1 else {
      throw HTTPRefusal(400, "The request says the length of its body twice.")
    }
    if let coding = codings.first {
      guard request.minorVersion > 0 else {
        throw HTTPRefusal(400, "HTTP/1.0 has no Transfer-Encoding.")
      }
      let list = request.headers.list(of: "Transfer-Encoding")
      guard HTTPHeaders.isSame(coding, "chunked") else {
        // Without chunked at the end, and only there, the end of the body cannot be found.
        let isFramed = list.last.map { HTTPHeaders.isSame($0, "chunked") } ?? false
        let isOnce = list.count { HTTPHeaders.isSame($0, "chunked") } == 1
        throw isFramed && isOnce
          ? HTTPRefusal(501, "The only transfer coding known here is chunked.")
          : HTTPRefusal(400, "The transfer codings of the request do not end in chunked.")
      }
      framing = .chunked
    } else if let text = lengths.first {
      let digits = Array(text.utf8)[...]
      guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw HTTPRefusal(400, "Content-Length is not a number.")
      }
      guard let length = digits.decimal, length <= limits.body else {
        throw Self.tooLarge(limits)
      }
      framing = .length(length)
    } else if request.contentType != nil, ["POST", "PUT", "PATCH"].contains(request.method) {
      throw HTTPRefusal(411, "The request announces a body, but not its Content-Length.")
    }
  }

  private mutating func checkExpectation() throws(HTTPRefusal) {
    guard request.minorVersion > 0 else { return }
    let expectations = request.headers.values(of: "Expect")
    for expectation in expectations where !HTTPHeaders.isSame(expectation, "100-continue") {
      throw HTTPRefusal(417, "The only expectation met here is 100-continue.")
    }
    wantsContinue = !expectations.isEmpty && framing != .length(0)
  }

  /// The refusal of a body that is too long.
  static func tooLarge(_ limits: HTTPLimits) -> HTTPRefusal {
    HTTPRefusal(413, "The body of the request is longer than \(limits.body) bytes.")
  }
}
