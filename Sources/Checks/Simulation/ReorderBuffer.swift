// SPDX-License-Identifier: Apache-2.0
internal import RTP

/// Puts packets back in order, tells which are missing, and gives up on what does not come.
struct ReorderBuffer: Sendable {
  /// How often a gap is asked for before it is given up.
  private static let maximumRequests = 12
  private static let maximumMissing = 200

  private var waiting: [UInt16: (RTPHeader, [UInt8])] = [:]
  private var expected: SequenceNumber?
  private var highest: SequenceNumber?
  private var requests = 0

  var hasGap: Bool { !waiting.isEmpty }

  mutating func insert(_ header: RTPHeader, _ payload: [UInt8]) {
    let number = header.sequenceNumber
    guard let expected, let highest else {
      expected = number
      highest = number
      waiting[number.rawValue] = (header, payload)
      return
    }
    guard number.distance(after: expected) < 0x8000 else { return }
    if number.distance(after: highest) < 0x8000 { self.highest = number }
    waiting[number.rawValue] = (header, payload)
  }

  /// The next packet in order, if it is there.
  mutating func next() -> (RTPHeader, [UInt8])? {
    guard let number = expected, let packet = waiting.removeValue(forKey: number.rawValue) else {
      return nil
    }
    expected = number.next
    requests = 0
    return packet
  }

  /// What lies between the last delivered packet and the highest, and is not here.
  var missing: [SequenceNumber] {
    guard var number = expected, let highest, hasGap else { return [] }
    var list: [SequenceNumber] = []
    while number != highest, list.count < Self.maximumMissing {
      if waiting[number.rawValue] == nil { list.append(number) }
      number = number.next
    }
    return list
  }

  /// Counts one request; passes over the gap, and answers `true`, when it was asked for too often.
  mutating func giveUp() -> Bool {
    guard hasGap else { return false }
    requests += 1
    guard requests > Self.maximumRequests, var number = expected else { return false }
    while waiting[number.rawValue] == nil { number = number.next }
    expected = number
    requests = 0
    return true
  }
}
