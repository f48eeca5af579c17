// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// One packet of a compound RTCP datagram (RFC 3550 section 6, RFC 4585, RFC 5104).
///
///      bit 0 1 2 3       8              16                            31
///     |V=2|P|count/fmt | packet type   |  length in words, minus one   |
///     |                     body, by packet type                       |
public enum RTCPPacket: Hashable, Sendable {
  /// SR, type 200: what a sender has sent, and when in both clocks.
  case senderReport(SenderReport)
  /// RR, type 201: what a receiver has received.
  case receiverReport(ReceiverReport)
  /// SDES, type 202: names of sources.
  case sourceDescription([SourceDescription])
  /// BYE, type 203: these sources have stopped.
  case bye([SSRC])
  /// PLI, type 206 format 1: the decoder of `media` cannot go on (RFC 4585 section 6.3.1).
  case pictureLossIndication(sender: SSRC, media: SSRC)
  /// FIR, type 206 format 4: send a picture that needs no other (RFC 5104 section 4.3.1).
  case fullIntraRequest(sender: SSRC, [FullIntraRequest])
  /// Generic NACK, type 205 format 1: these packets are missing (RFC 4585 section 6.2.1).
  case genericNACK(sender: SSRC, media: SSRC, [MissingPackets])
  /// REMB, type 206 format 15 "REMB": the receiver's estimate of the path.
  case receiverEstimatedMaximumBitrate(sender: SSRC, Bitrate, media: [SSRC])
  /// TMMBR, type 205 format 3: do not send faster (RFC 5104 section 4.2.1).
  case temporaryMaximumBitrateRequest(sender: SSRC, [BitrateLimit])
  /// TMMBN, type 205 format 4: the limits that the sender keeps to (RFC 5104 section 4.2.2).
  case temporaryMaximumBitrateNotification(sender: SSRC, [BitrateLimit])
  /// Transport-wide feedback, type 205 format 15, unread: at most 1,500 bytes.
  case transportFeedback(sender: SSRC, media: SSRC, [UInt8])
  /// XR, type 207: how long the way there and back is for a receiver (RFC 3611).
  case extendedReport(ExtendedReport)
  /// A well-formed packet of another kind.
  case unknown(type: UInt8, format: UInt8)

  /// What a sender has sent (RFC 3550 section 6.4.1).
  public struct SenderReport: Hashable, Sendable {
    /// The sender.
    public var ssrc: SSRC
    /// The time of day: seconds since 1900 in the high half, fraction in the low one.
    public var ntp: UInt64
    /// The same instant on the stream's RTP clock.
    public var timestamp: RTPTime
    /// RTP packets sent since the beginning, wrapped.
    public var packetCount: UInt32
    /// Bytes of payload sent since the beginning, wrapped.
    public var octetCount: UInt32
    /// What the sender has received from others.
    public var reports: [ReportBlock]

    /// Creates a report from its fields.
    public init(
      ssrc: SSRC,
      ntp: UInt64,
      timestamp: RTPTime,
      packetCount: UInt32,
      octetCount: UInt32,
      reports: [ReportBlock] = []
    ) {
      self.ssrc = ssrc
      self.ntp = ntp
      self.timestamp = timestamp
      self.packetCount = packetCount
      self.octetCount = octetCount
      self.reports = reports
    }
  }

  /// What a receiver has received (RFC 3550 section 6.4.2).
  public struct ReceiverReport: Hashable, Sendable {
    /// The receiver.
    public var ssrc: SSRC
    /// One block for each stream.
    public var reports: [ReportBlock]

    /// Creates a report from its fields.
    public init(ssrc: SSRC, reports: [ReportBlock] = []) {
      self.ssrc = ssrc
      self.reports = reports
    }
  }

  /// How one stream has arrived (RFC 3550 section 6.4.1, "report block").
  public struct ReportBlock: Hashable, Sendable {
    /// The stream.
    public var ssrc: SSRC
    /// Packets lost of those expected since the last report, in 256ths.
    public var fractionLost: UInt8
    /// Packets expected less packets received since the beginning; duplicates can make it negative.
    public var cumulativeLost: Int32
    /// The highest sequence number received, with its wraps.
    public var highestSequenceNumber: ExtendedSequenceNumber
    /// The variation of arrival times, in ticks of the RTP clock.
    public var jitter: UInt32
    /// The middle 32 bits of `ntp` of the last sender report that arrived; 0 if none has.
    public var lastSenderReport: UInt32
    /// From the arrival of that report to this one, in 65,536ths of a second.
    public var delaySinceLastSenderReport: UInt32

    /// Creates a block from its fields.
    public init(
      ssrc: SSRC,
      fractionLost: UInt8,
      cumulativeLost: Int32,
      highestSequenceNumber: ExtendedSequenceNumber,
      jitter: UInt32,
      lastSenderReport: UInt32,
      delaySinceLastSenderReport: UInt32
    ) {
      self.ssrc = ssrc
      self.fractionLost = fractionLost
      self.cumulativeLost = cumulativeLost
      self.highestSequenceNumber = highestSequenceNumber
      self.jitter = jitter
      self.lastSenderReport = lastSenderReport
      self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }
  }

  /// The names of one source (RFC 3550 section 6.5); other items are not kept.
  public struct SourceDescription: Hashable, Sendable {
    /// The source.
    public var ssrc: SSRC
    /// CNAME: the same for all streams of one clock.
    ///
    /// At most 255 bytes of UTF-8 are written.
    public var canonicalName: String
    /// MID: the m-line of the SDP that the stream belongs to (RFC 9143 section 15.2).
    public var mid: String?

    /// Creates a description from its items.
    public init(ssrc: SSRC, canonicalName: String, mid: String? = nil) {
      self.ssrc = ssrc
      self.canonicalName = canonicalName
      self.mid = mid
    }
  }

  /// One entry of a FIR.
  public struct FullIntraRequest: Hashable, Sendable {
    /// The stream that is to send an IDR picture.
    public var ssrc: SSRC
    /// Counts the sender's requests; a repeated request keeps its number.
    public var number: UInt8

    /// Creates an entry from its fields.
    public init(ssrc: SSRC, number: UInt8) {
      self.ssrc = ssrc
      self.number = number
    }
  }

  /// One entry of a generic NACK: a packet and a bit for each of the sixteen after it.
  public struct MissingPackets: Hashable, Sendable {
    /// A missing packet (PID).
    public var first: SequenceNumber
    /// Bit i stands for the packet `first` + i + 1 (BLP).
    public var following: UInt16

    /// Creates an entry from its fields.
    public init(first: SequenceNumber, following: UInt16 = 0) {
      self.first = first
      self.following = following
    }
  }

  /// One entry of a TMMBR or TMMBN.
  public struct BitrateLimit: Hashable, Sendable {
    /// In a TMMBR the stream to be limited, in a TMMBN who asked.
    public var ssrc: SSRC
    /// The limit, packet overhead included.
    public var bitrate: Bitrate
    /// Bytes of overhead counted for each packet, 0 to 511.
    public var overhead: UInt16

    /// Creates an entry from its fields.
    public init(ssrc: SSRC, bitrate: Bitrate, overhead: UInt16) {
      self.ssrc = ssrc
      self.bitrate = bitrate
      self.overhead = overhead
    }
  }
}
