// SPDX-License-Identifier: Apache-2.0
private import Wire

/// A request whose body is being read.
struct RequestBody: Sendable {
  /// What is expected next.
  enum Expectation: Sendable {
    /// Bytes of a body with a Content-Length.
    case content(Int)
    /// A chunk's size line.
    case chunkSize
    /// Bytes of a chunk.
    case chunk(Int)
    /// The end of line after a chunk.
    case chunkEnd
    /// A trailer's field, or the empty line at the end.
    case trailer
  }

  var head: RequestHead
  var expectation: Expectation
  /// Bytes of chunk extensions and trailers so far.
  var overhead = 0
}

extension HTTPConnection {
  /// Reads as much of the input as the state allows.
  mutating func readInput() {
    do throws(HTTPRefusal) {
      while true {
        switch state {
        case .head: guard try readHead() else { return compact() }
        case .body: guard try readBody() else { return compact() }
        default: return compact()
        }
      }
    } catch {
      refuse(error)
    }
  }

  /// Forgets the bytes that are done with.
  private mutating func compact() {
    input.removeFirst(consumed)
    consumed = 0
  }

  /// Reads a whole head; `false` when more bytes are needed.
  private mutating func readHead() throws(HTTPRefusal) -> Bool {
    skipBlankLines()
    let text = input[consumed...]
    guard let first = text.first, !text.elementsEqual([0x0D]) else { return false }
    guard first.isTokenByte else {
      throw HTTPRefusal(400, "This is no HTTP request.")
    }
    while let end = try nextLine(upTo: limits.head) {
      let line = input[(consumed + lineStart)..<end]
      let isRequestLine = lineStart == 0
      guard !isRequestLine || line.count <= limits.requestLine else { throw targetTooLong }
      if line.isEmpty {
        let head = try RequestHead(
          input[consumed..<(consumed + lineStart)],
          limits: limits
        )
        endLine(at: end)
        begin(head)
        return true
      }
      lineStart = end + 2 - consumed
      scanned = lineStart
    }
    guard lineStart > 0 || text.count <= limits.requestLine else { throw targetTooLong }
    return false
  }

  private var targetTooLong: HTTPRefusal {
    HTTPRefusal(414, "The request line is longer than \(limits.requestLine) bytes.")
  }

  /// RFC 9112 section 2.2 wants empty lines before a request to be passed over; two are enough.
  private mutating func skipBlankLines() {
    guard lineStart == 0, scanned == 0 else { return }
    while blankLines < 2, input[consumed...].starts(with: [0x0D, 0x0A]) {
      consumed += 2
      blankLines += 1
    }
  }

  /// Where the line that begins at `lineStart` ends (at its CR); `nil` when more bytes are needed.
  ///
  /// A line that ends in LF alone is refused: readers disagree about it.
  private mutating func nextLine(upTo limit: Int) throws(HTTPRefusal) -> Int? {
    let text = input[(consumed + scanned)...]
    guard let feed = text.firstIndex(of: UInt8(ascii: "\n")) else {
      scanned = input.count - consumed
      guard scanned <= limit else { throw headTooLong }
      return nil
    }
    guard feed + 1 - consumed <= limit else { throw headTooLong }
    guard feed > consumed + lineStart, input[feed - 1] == UInt8(ascii: "\r") else {
      throw HTTPRefusal(400, "A line of the request does not end in CR LF.")
    }
    return feed - 1
  }

  private var headTooLong: HTTPRefusal {
    HTTPRefusal(431, "The header fields of the request are longer than \(limits.head) bytes.")
  }

  /// Steps behind the line that ends at `end`.
  private mutating func endLine(at end: Int) {
    consumed = end + 2
    lineStart = 0
    scanned = 0
  }

  private mutating func begin(_ head: RequestHead) {
    blankLines = 0
    guard head.framing != .length(0) else { return ask(head.request, isLast: head.isLast) }
    let expectation: RequestBody.Expectation =
      switch head.framing {
      case .length(let count): .content(count)
      case .chunked: .chunkSize
      }
    reading = RequestBody(head: head, expectation: expectation)
    state = .body
    timer = now + limits.bodyTime
    if head.wantsContinue, input.count == consumed { sendContinue() }
  }

  /// Reads one piece of a body; `false` when more bytes are needed.
  private mutating func readBody() throws(HTTPRefusal) -> Bool {
    switch reading?.expectation {
    case .content(let count):
      let rest = takeContent(count)
      if rest > 0 {
        reading?.expectation = .content(rest)
        return false
      }
      finishBody()
    case .chunkSize:
      guard let line = try bodyLine() else { return false }
      let size = try chunkSize(line)
      reading?.expectation = size == 0 ? .trailer : .chunk(size)
    case .chunk(let count):
      let rest = takeContent(count)
      reading?.expectation = rest > 0 ? .chunk(rest) : .chunkEnd
      return rest == 0
    case .chunkEnd:
      guard let line = try bodyLine() else { return false }
      guard line.isEmpty else {
        throw HTTPRefusal(400, "A chunk of the body is longer than its size says.")
      }
      reading?.expectation = .chunkSize
    case .trailer:
      guard let line = try bodyLine() else { return false }
      if line.isEmpty {
        finishBody()
      } else {
        // Trailers are checked for their form, and thrown away.
        guard line.cut(at: UInt8(ascii: ":")).head.isToken, !line.contains(0) else {
          throw HTTPRefusal(400, "A trailer field is not of the form: name, colon, value.")
        }
        try addOverhead(line.count)
      }
    case nil:
      return false
    }
    return true
  }

  /// Moves up to `count` bytes into the body; answers how many are still missing.
  private mutating func takeContent(_ count: Int) -> Int {
    let taken = min(count, input.count - consumed)
    reading?.head.request.body += input[consumed..<(consumed + taken)]
    consumed += taken
    return count - taken
  }

  /// A line of a chunked body, without its end.
  private mutating func bodyLine() throws(HTTPRefusal) -> HTTPText? {
    guard let end = try nextLine(upTo: limits.requestLine) else { return nil }
    let line = input[consumed..<end]
    endLine(at: end)
    return line
  }

  private mutating func chunkSize(_ line: HTTPText) throws(HTTPRefusal) -> Int {
    let (digits, extensions) = line.cut(at: UInt8(ascii: ";"))
    guard let size = (extensions == nil ? digits : digits.trimmed).hexadecimal,
      line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
    else { throw HTTPRefusal(400, "The size of a chunk is not a hexadecimal number.") }
    try addOverhead(extensions?.count ?? 0)
    let length = reading?.head.request.body.count ?? 0
    guard size <= limits.body - length else { throw RequestHead.tooLarge(limits) }
    return size
  }

  private mutating func addOverhead(_ count: Int) throws(HTTPRefusal) {
    reading?.overhead += count
    guard let reading, reading.overhead <= limits.head else {
      throw HTTPRefusal(431, "Chunk extensions and trailer are longer than \(limits.head) bytes.")
    }
  }

  private mutating func finishBody() {
    guard let done = reading else { return }
    reading = nil
    ask(done.head.request, isLast: done.head.isLast)
  }
}
