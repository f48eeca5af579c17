// SPDX-License-Identifier: Apache-2.0
internal import Wire

extension RTCPPacket {
  /// The round-trip time of a peer that sends nothing, asked and answered (RFC 3611).
  ///
  ///     block 4 (section 4.4)  | 4 | 0 | 2 | NTP time: 64 |
  ///     block 5 (section 4.5)  | 5 | 0 | 3n | SSRC, LRR, DLRR: 32 each | …
  public struct ExtendedReport: Hashable, Sendable {
    /// The answer to one receiver that has told its time.
    public struct Answer: Hashable, Sendable {
      /// Who told its time.
      public var ssrc: SSRC
      /// LRR: the middle 32 bits of the time that it told last; 0 if it told none.
      public var lastReference: UInt32
      /// DLRR: from the arrival of that to this report, in 65,536ths of a second.
      public var delay: UInt32

      /// Creates an answer from its fields.
      public init(ssrc: SSRC, lastReference: UInt32, delay: UInt32) {
        self.ssrc = ssrc
        self.lastReference = lastReference
        self.delay = delay
      }
    }

    /// Who reports.
    public var sender: SSRC
    /// RRTR: the sender's time of day, in the form of `SenderReport.ntp`; `nil` without.
    public var referenceTime: UInt64?
    /// DLRR: answers to others who have told theirs.
    public var answers: [Answer]

    /// Creates a report from its fields.
    public init(sender: SSRC, referenceTime: UInt64? = nil, answers: [Answer] = []) {
      self.sender = sender
      self.referenceTime = referenceTime
      self.answers = answers
    }
  }
}

extension RTCPPacket.ExtendedReport {
  private static let referenceTimeBlock: UInt8 = 4
  private static let answersBlock: UInt8 = 5

  /// Reads the body of a packet of type 207; `nil` without a sender.
  ///
  /// Blocks of other types are passed over; one that is longer than what is left ends the walk, and
  /// one whose length does not fit its type counts as if it were not there.
  init?(_ reader: inout ByteReader) {
    guard let sender = reader.readUInt32() else { return nil }
    self.init(sender: SSRC(rawValue: sender))
    while let type = reader.readUInt8(), reader.skip(1), let words = reader.readUInt16(),
      let block = reader.readSpan(Int(words) * 4)
    {
      var rest = ByteReader(block)
      switch type {
      case Self.referenceTimeBlock where words == 2: referenceTime = rest.readUInt64()
      case Self.answersBlock:
        while answers.count < RTCPReader.maximumEntries, let ssrc = rest.readUInt32(),
          let last = rest.readUInt32(), let delay = rest.readUInt32()
        {
          answers.append(Answer(ssrc: SSRC(rawValue: ssrc), lastReference: last, delay: delay))
        }
      default: break
      }
    }
  }

  /// Appends what follows the packet's common header.
  func append(to bytes: inout [UInt8]) {
    bytes.append(bigEndian: sender.rawValue)
    if let referenceTime {
      bytes += [Self.referenceTimeBlock, 0, 0, 2]
      bytes.append(bigEndian: referenceTime)
    }
    let written = answers.prefix(RTCPReader.maximumEntries)
    guard !written.isEmpty else { return }
    bytes += [Self.answersBlock, 0]
    bytes.append(bigEndian: UInt16(written.count * 3))
    for answer in written {
      bytes.append(bigEndian: answer.ssrc.rawValue)
      bytes.append(bigEndian: answer.lastReference)
      bytes.append(bigEndian: answer.delay)
    }
  }
}
