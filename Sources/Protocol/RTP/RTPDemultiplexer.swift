// SPDX-License-Identifier: Apache-2.0
private import Wire

/// Finds the m-line that an RTP packet of a bundle belongs to (RFC 9143 section 9.2).
///
/// A MID in the packet decides and is remembered for its SSRC; without one the SSRC decides, told
/// by SDP or learned before; without that a payload type that one m-line alone uses.
public struct RTPDemultiplexer: Sendable {
  /// What the descriptions tell about one m-line.
  public struct Line: Hashable, Sendable {
    /// The m-line's identification.
    public var mid: String
    /// The extmap id of `urn:ietf:params:rtp-hdrext:sdes:mid`; `nil` where not negotiated.
    public var midExtensionID: UInt8?
    /// The payload types that the m-line may carry, those of RTX among them.
    ///
    /// Which of them no other m-line uses is found out here.
    public var payloadTypes: Set<PayloadType>
    /// The SSRCs that the peer's description announced.
    public var announced: [SSRC]

    /// Creates a line from its parts.
    public init(
      mid: String,
      midExtensionID: UInt8?,
      payloadTypes: Set<PayloadType>,
      announced: [SSRC] = []
    ) {
      self.mid = mid
      self.midExtensionID = midExtensionID
      self.payloadTypes = payloadTypes
      self.announced = announced
    }
  }

  private struct Entry: Sendable {
    let ssrc: SSRC
    var line: Int
    /// The line's name as in `names`, to find the line again after a negotiation.
    var mid: String
  }

  /// SSRCs that may be known at once, announced and learned.
  static let maximumSources = 128

  /// The m-lines, in the order of the description.
  public private(set) var lines: [Line]
  /// Packets that no m-line claims.
  public private(set) var unroutable: UInt64 = 0

  private var names: [[UInt8]] = []
  /// For each payload type the one line that uses it; -1 for none or several.
  private var owners: [Int] = []
  /// The one learned or announced longest ago first.
  private var entries: [Entry] = []

  /// Creates a demultiplexer that knows `lines`; an index of it is what `route` answers.
  public init(_ lines: [Line] = []) {
    self.lines = []
    update(lines)
  }

  /// Takes the lines of a new description; what was learned of m-lines that remain is kept.
  public mutating func update(_ lines: [Line]) {
    self.lines = lines
    names = lines.map { Array($0.mid.utf8) }
    owners = Array(repeating: -1, count: 128)
    var users = Array(repeating: 0, count: 128)
    for (index, line) in lines.enumerated() {
      for payloadType in line.payloadTypes {
        users[Int(payloadType.rawValue)] += 1
        owners[Int(payloadType.rawValue)] = index
      }
    }
    for number in users.indices where users[number] != 1 { owners[number] = -1 }
    let known = entries
    entries = []
    for entry in known {
      guard let line = lines.firstIndex(where: { $0.mid == entry.mid }) else { continue }
      learn(entry.ssrc, line)
    }
    for (index, line) in lines.enumerated() {
      for ssrc in line.announced.prefix(Self.maximumSources / 2) { learn(ssrc, index) }
    }
  }

  /// The index of the m-line that `packet`, a plain RTP packet, belongs to; `nil`, and counted, if
  /// it is malformed or no m-line's.
  ///
  /// The header is never encrypted by SRTP: an encrypted packet is routed as well, but only one
  /// that was authenticated should be, since the table learns from it.
  public mutating func route(_ packet: Span<UInt8>) -> Int? {
    guard let (header, _) = RTPHeader.parse(packet), let line = line(of: packet, header),
      lines[line].payloadTypes.contains(header.payloadType)
    else {
      unroutable &+= 1
      return nil
    }
    return line
  }

  /// The index of the m-line whose stream `ssrc` is, for RTCP; `nil` if it is unknown.
  public func route(ssrc: SSRC) -> Int? {
    entries.first { $0.ssrc == ssrc }?.line
  }

  /// Forgets a stream that has said BYE.
  public mutating func forget(_ ssrc: SSRC) {
    entries.removeAll { $0.ssrc == ssrc }
  }

  private mutating func line(of packet: Span<UInt8>, _ header: RTPHeader) -> Int? {
    var walk = RTPExtensions(of: packet, header: header)
    while let element = walk.next() {
      guard lines.contains(where: { $0.midExtensionID == element.id }) else { continue }
      let name = [UInt8](packet.extracting(element.value))
      // A name that nobody knows is no reason to guess (section 9.2).
      guard let line = names.firstIndex(of: name) else { return nil }
      learn(header.ssrc, line)
      return line
    }
    if let line = route(ssrc: header.ssrc) { return line }
    let owner = owners[Int(header.payloadType.rawValue)]
    guard owner >= 0 else { return nil }
    learn(header.ssrc, owner)
    return owner
  }

  private mutating func learn(_ ssrc: SSRC, _ line: Int) {
    let mid = lines[line].mid
    if let known = entries.firstIndex(where: { $0.ssrc == ssrc }) {
      guard entries[known].line != line || entries[known].mid != mid else { return }
      entries[known].line = line
      entries[known].mid = mid
      return
    }
    if entries.count >= Self.maximumSources { entries.removeFirst() }
    entries.append(Entry(ssrc: ssrc, line: line, mid: mid))
  }
}
