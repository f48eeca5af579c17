// SPDX-License-Identifier: Apache-2.0
private import Wire

/// Puts the NAL units of pictures together from RTP payloads (RFC 6184, packetization mode 1).
///
/// Packets are to arrive in the order of their sequence numbers; a gap, a malformed payload or a
/// picture beyond the limits costs exactly the pictures that it touches. Single NAL units, STAP-A
/// and FU-A are read; the packets of other modes count as malformed.
public struct H264Depacketizer: Sendable {
  /// The NAL units of one picture.
  public struct AccessUnit: Hashable, Sendable {
    /// The NAL units one after another, without start codes or length fields.
    public var bytes: [UInt8] = []
    /// Where each NAL unit lies in `bytes`.
    public var nalUnits: [Range<Int>] = []
    /// The RTP timestamp that all its packets carried.
    public var timestamp: RTPTime
    /// Whether it holds a slice of an IDR picture.
    public var isKeyframe = false
    /// Whether packets or whole pictures are missing between the picture before and this one.
    public var isAfterLoss = false
  }

  /// What has been put together and what has been dropped.
  public struct Statistics: Hashable, Sendable {
    /// Pictures handed out.
    public var accessUnits: UInt64 = 0
    /// Pictures dropped because a packet was missing, malformed or too much, or nobody drained.
    public var damagedAccessUnits: UInt64 = 0
    /// Payloads that were not what RFC 6184 defines for mode 1.
    public var malformed: UInt64 = 0
  }

  private static let maximumReady = 4

  /// What has been put together and what has been dropped.
  public private(set) var statistics = Statistics()
  private let maximumBytes: Int
  private let maximumUnits: Int
  private var current: AccessUnit?
  private var isDamaged = false
  private var hasLost = false
  private var hasGap = false
  private var fragmentStart: Int?
  private var expected: SequenceNumber?
  private var ready: [AccessUnit] = []

  /// Creates a reader whose pictures hold at most so many bytes and NAL units.
  public init(maximumBytes: Int = 4 << 20, maximumUnits: Int = 1024) {
    self.maximumBytes = maximumBytes
    self.maximumUnits = maximumUnits
  }

  /// Takes the packet with this header and payload.
  ///
  /// A packet that repeats or precedes the last one is passed over.
  public mutating func receive(_ payload: Span<UInt8>, header: RTPHeader) {
    if let expected, header.sequenceNumber != expected {
      guard expected.precedes(header.sequenceNumber) else { return }
      hasGap = true
    }
    expected = header.sequenceNumber.next
    // A probe of the path: nothing but a place in the sequence, whatever its timestamp.
    guard !payload.isEmpty else { return }
    let isGap = hasGap
    hasGap = false
    if let current, current.timestamp != header.timestamp {
      // The next picture began without a marker: with no packet missing, this one is whole.
      if isGap { isDamaged = true }
      finish()
    }
    if isGap {
      hasLost = true
      // Nobody knows whether the missing packets were the start of this very picture, unless it
      // shows its start: nothing that a decoder needs comes before the sequence parameter sets.
      if current != nil || !Self.beginsSequence(payload) { isDamaged = true }
    }
    if current == nil { current = AccessUnit(timestamp: header.timestamp) }
    if !append(payload) {
      statistics.malformed &+= 1
      isDamaged = true
    }
    if header.marker { finish() }
  }

  /// The next picture that is whole; `nil` when there is none.
  ///
  /// At most four wait: drain after each `receive`.
  public mutating func nextAccessUnit() -> AccessUnit? {
    ready.isEmpty ? nil : ready.removeFirst()
  }

  private mutating func finish() {
    defer {
      current = nil
      isDamaged = false
      fragmentStart = nil
    }
    guard var current else { return }
    guard !isDamaged, fragmentStart == nil, !current.nalUnits.isEmpty,
      ready.count < Self.maximumReady
    else {
      statistics.damagedAccessUnits &+= 1
      hasLost = true
      return
    }
    statistics.accessUnits &+= 1
    current.isAfterLoss = hasLost
    hasLost = false
    ready.append(current)
  }

  private static func beginsSequence(_ payload: Span<UInt8>) -> Bool {
    let type = H264NALUnitType(rawValue: payload[0])
    guard type == .singleTimeAggregationA, payload.count > 3 else {
      return type == .sequenceParameterSet
    }
    return H264NALUnitType(rawValue: payload[3]) == .sequenceParameterSet
  }

  private mutating func append(_ payload: Span<UInt8>) -> Bool {
    guard !isDamaged else { return true }
    var reader = ByteReader(payload)
    guard let indicator = reader.readUInt8(), indicator & 0x80 == 0 else { return false }
    let type = H264NALUnitType(rawValue: indicator)
    if type == .fragmentationUnitA { return appendFragment(&reader, indicator: indicator) }
    guard fragmentStart == nil else { return false }
    if type.isCodedUnit { return appendUnit(payload) }
    guard type == .singleTimeAggregationA, !reader.isAtEnd else { return false }
    while !reader.isAtEnd {
      guard let size = reader.readUInt16(), size > 0, let unit = reader.readSpan(Int(size)),
        H264NALUnitType(rawValue: unit[0]).isCodedUnit, unit[0] & 0x80 == 0, appendUnit(unit)
      else { return false }
    }
    return true
  }

  private mutating func appendUnit(_ unit: Span<UInt8>) -> Bool {
    guard var picture = take(room: unit.count) else { return false }
    let start = picture.bytes.count
    picture.bytes.append(copying: unit)
    add(start, to: &picture)
    current = picture
    return true
  }

  private mutating func appendFragment(_ reader: inout ByteReader, indicator: UInt8) -> Bool {
    guard let header = reader.readUInt8(), let part = reader.readSpan(reader.remaining),
      !part.isEmpty
    else { return false }
    let isFirst = header & 0x80 != 0
    let isLast = header & 0x40 != 0
    guard isFirst == (fragmentStart == nil), !(isFirst && isLast),
      H264NALUnitType(rawValue: header).isCodedUnit, var picture = take(room: part.count + 1)
    else { return false }
    if isFirst {
      fragmentStart = picture.bytes.count
      picture.bytes.append(indicator & 0xE0 | header & 0x1F)
    }
    picture.bytes.append(copying: part)
    if isLast, let start = fragmentStart {
      fragmentStart = nil
      add(start, to: &picture)
    }
    current = picture
    return true
  }

  /// Moves the picture out to be changed in place, if `room` more bytes and a unit may be added.
  private mutating func take(room: Int) -> AccessUnit? {
    guard let picture = current, picture.bytes.count + room <= maximumBytes,
      picture.nalUnits.count < maximumUnits
    else { return nil }
    current = nil
    return picture
  }

  private func add(_ start: Int, to picture: inout AccessUnit) {
    let type = H264NALUnitType(rawValue: picture.bytes[start])
    if type == .idrSlice { picture.isKeyframe = true }
    picture.nalUnits.append(start..<picture.bytes.count)
  }
}
