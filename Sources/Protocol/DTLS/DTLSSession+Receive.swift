// SPDX-License-Identifier: Apache-2.0
internal import Wire

// What may reach mbedTLS: it gives up a handshake at the first thing it dislikes, and until the keys are
// there anybody may have sent it.
extension DTLSSession {
  /// The records of `datagram` that may be passed on while the handshake lasts.
  ///
  /// Fragments of a ClientHello are kept back; the one that completes it sets `hello`.
  /// A ServerHello sets `isServerHello`.
  mutating func screen(
    _ datagram: Span<UInt8>,
    hello: inout [UInt8]?,
    isServerHello: inout Bool
  ) -> [UInt8] {
    guard datagram.count <= Self.datagramLimit else {
      statistics.malformed &+= 1
      return []
    }
    var passed: [UInt8] = []
    var reader = ByteReader(datagram)
    while !reader.isAtEnd {
      let start = reader.position
      guard let header = DTLSRecordHeader(&reader), let body = reader.readSpan(header.length) else {
        statistics.malformed &+= 1
        break
      }
      if isPassed(header, body, &hello, &isServerHello) {
        let first = passed.count
        passed.append(copying: datagram.extracting(start..<reader.position))
        if header.epoch == 0 { number(&passed, from: first) }
      }
    }
    return passed
  }

  /// Gives the cleartext record at `start` the next number of ours.
  ///
  /// Nothing vouches for the number that came with it. mbedTLS believes it all the same: after one
  /// damaged number far ahead, it would take everything that follows for a replay.
  private mutating func number(_ records: inout [UInt8], from start: Int) {
    var number: [UInt8] = []
    number.append(bigEndian: clearRecords)
    clearRecords &+= 1
    let field = start + DTLSRecordHeader.numberOffset
    records.replaceSubrange(field..<(field + 6), with: number.suffix(6))
  }

  /// Whether `datagram` consists of encrypted records and nothing else.
  func isEncrypted(_ datagram: Span<UInt8>) -> Bool {
    guard datagram.count <= Self.datagramLimit else { return false }
    var reader = ByteReader(datagram)
    while !reader.isAtEnd {
      guard let header = DTLSRecordHeader(&reader), reader.skip(header.length), header.epoch > 0
      else { return false }
    }
    return true
  }

  /// The records of `datagram` that may be passed on when the handshake is over: encrypted ones.
  mutating func screenConnected(_ datagram: Span<UInt8>) -> [UInt8] {
    guard datagram.count <= Self.datagramLimit else {
      statistics.malformed &+= 1
      return []
    }
    var passed: [UInt8] = []
    var reader = ByteReader(datagram)
    while !reader.isAtEnd {
      let start = reader.position
      guard let header = DTLSRecordHeader(&reader), reader.skip(header.length) else {
        statistics.malformed &+= 1
        break
      }
      guard header.epoch > 0 else { continue }
      passed.append(copying: datagram.extracting(start..<reader.position))
    }
    return passed
  }

  private mutating func isPassed(
    _ header: DTLSRecordHeader,
    _ body: Span<UInt8>,
    _ hello: inout [UInt8]?,
    _ isServerHello: inout Bool
  ) -> Bool {
    if header.epoch == 1, header.content != .changeCipherSpec { return true }
    guard header.epoch == 0 else {
      statistics.malformed &+= 1
      return false
    }
    switch header.content {
    case .alert:
      statistics.ignoredAlerts &+= 1
      if body.count == 2 { lastIgnoredAlert = body[1] }
      return false
    case .changeCipherSpec where body.count == 1 && body[0] == 1:
      return true
    case .handshake:
      return isHandshakePassed(body, &hello, &isServerHello)
    case .changeCipherSpec, .applicationData:
      statistics.malformed &+= 1
      return false
    }
  }

  private mutating func isHandshakePassed(
    _ body: Span<UInt8>,
    _ hello: inout [UInt8]?,
    _ isServerHello: inout Bool
  ) -> Bool {
    var reader = ByteReader(body)
    var isPlainMasterSecret = false
    while !reader.isAtEnd {
      guard let header = DTLSHandshakeHeader(&reader), header.isExpected(by: role),
        header.length <= 16_384, let fragment = reader.readSpan(header.fragmentLength)
      else {
        statistics.malformed &+= 1
        return false
      }
      if header.type == DTLSHandshakeHeader.clientHello {
        if let whole = defragmenter.add(header, fragment) { hello = whole }
        return false
      }
      if header.type == DTLSHandshakeHeader.serverHello {
        isServerHello = true
        isPlainMasterSecret = !(header.isWhole && ServerHello.hasExtendedMasterSecret(fragment))
      }
    }
    attempt.isPlainMasterSecret = attempt.isPlainMasterSecret || isPlainMasterSecret
    return true
  }

  /// Server: answers a ClientHello, repeats the answer, or changes over to another one.
  ///
  /// Another one may be a forgery, or the first one was. It is remembered; it counts when it comes
  /// again before the handshake has got on, or when the handshake breaks.
  mutating func accept(_ hello: [UInt8], at now: Timestamp) {
    let count = hellos.see(hello)
    if attempt.hello == hello {
      step(Self.record(of: hello), at: now)
    } else if attempt.hello.isEmpty || (count > 1 && !attempt.hasProgressed && restarts == 0) {
      attempt.hello = hello
      begin(at: now)
    }
  }

  /// One cleartext record with `message` in it.
  static func record(of message: [UInt8]) -> [UInt8] {
    var record: [UInt8] = [DTLSRecordHeader.Content.handshake.rawValue, 0xFE, 0xFD]
    record.append(bigEndian: UInt64(0))
    record.append(bigEndian: UInt16(truncatingIfNeeded: message.count))
    return record + message
  }
}
