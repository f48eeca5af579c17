// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
private import Wire

/// A cursor that cuts one frame into the payloads of RTP packets (RFC 6184, packetization mode 1).
///
///     single NAL unit   | NAL header | NAL payload … |
///     STAP-A            |F|NRI| 24 | size:16 | NAL unit … | size:16 | NAL unit … | …
///     FU-A              |F|NRI| 28 |S|E|0| type:5 | part of the NAL payload … |
///
/// Units that fit together share a packet (SPS, PPS and a small slice), a unit that fits alone
/// travels alone, a larger one is cut into parts of nearly equal size. What a packet carries is a
/// `Piece`: with the frame it is enough to write the very same payload again, so retransmission
/// keeps no packets.
public struct H264Packetizer: Sendable {
  /// What one packet carries of a frame.
  public enum Piece: Hashable, Sendable {
    /// The NAL unit with this index, whole.
    case single(unit: Int32)
    /// The NAL units from `first` up to, but not including, `end`: a STAP-A.
    case aggregate(first: Int32, end: Int32)
    /// The bytes `from` up to `to` of the NAL unit, counted from its header byte: an FU-A.
    case fragment(unit: Int32, from: Int32, to: Int32)
  }

  /// The frame being cut.
  public let frame: EncodedFrame
  private var unit = 0
  private var offset = 0

  /// Starts at the first NAL unit of `frame`.
  public init(_ frame: EncodedFrame) {
    self.frame = frame
    skipEmptyUnits()
  }

  /// Whether every piece has been handed out.
  public var isAtEnd: Bool { unit >= frame.nalUnits.count }

  /// Decides what the next packet carries; `nil` after the last.
  ///
  /// `maximumPayload` is the limit in bytes (at least 3 are taken); it may change between calls.
  /// `isLast` tells that the packet must carry the marker.
  public mutating func next(maximumPayload: Int) -> (piece: Piece, isLast: Bool)? {
    guard !isAtEnd else { return nil }
    let limit = min(max(maximumPayload, 3), 0xFFFF)
    let piece: Piece
    if offset == 0, frame.nalUnits[unit].count <= limit {
      piece = nextWhole(limit)
    } else {
      piece = nextFragment(limit)
    }
    return (piece, isAtEnd)
  }

  /// Writes the next packet's payload; `nil` after the last, or when it does not fit in `payload`.
  @_lifetime(payload: copy payload)
  public mutating func next(
    maximumPayload: Int,
    into payload: inout OutputSpan<UInt8>
  ) -> (piece: Piece, isLast: Bool)? {
    guard let next = next(maximumPayload: min(maximumPayload, payload.freeCapacity)),
      Self.write(next.piece, of: frame, into: &payload)
    else { return nil }
    return next
  }

  /// The size in bytes of the payload that carries `piece`; 0 if `frame` has no such piece.
  public static func size(of piece: Piece, of frame: EncodedFrame) -> Int {
    guard isValid(piece, of: frame) else { return 0 }
    switch piece {
    case .single(let unit):
      return frame.nalUnits[Int(unit)].count
    case .aggregate(let first, let end):
      var size = 1
      for unit in Int(first)..<Int(end) where !frame.nalUnits[unit].isEmpty {
        size += 2 + frame.nalUnits[unit].count
      }
      return size
    case .fragment(_, let from, let to):
      return 2 + Int(to) - Int(from)
    }
  }

  /// Writes the payload that carries `piece`, always the same bytes; `false`, and nothing written,
  /// without room or if `frame` has no such piece.
  @discardableResult
  @_lifetime(payload: copy payload)
  public static func write(
    _ piece: Piece,
    of frame: EncodedFrame,
    into payload: inout OutputSpan<UInt8>
  ) -> Bool {
    let size = size(of: piece, of: frame)
    guard size > 0, payload.freeCapacity >= size else { return false }
    let data = frame.bytes
    let bytes = data.span
    switch piece {
    case .single(let unit):
      payload.append(copying: bytes.extracting(frame.nalUnits[Int(unit)]))
    case .aggregate(let first, let end):
      writeAggregate(Int(first)..<Int(end), of: frame, into: &payload)
    case .fragment(let unit, let from, let to):
      let range = frame.nalUnits[Int(unit)]
      let header = bytes[range.lowerBound]
      let isFirst = from == 1
      let isLast = Int(to) == range.count
      payload.append(header & 0xE0 | H264NALUnitType.fragmentationUnitA.rawValue)
      payload.append((isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | header & 0x1F)
      let start = range.lowerBound + Int(from)
      payload.append(copying: bytes.extracting(start..<(range.lowerBound + Int(to))))
    }
    return true
  }

  @_lifetime(payload: copy payload)
  private static func writeAggregate(
    _ units: Range<Int>,
    of frame: EncodedFrame,
    into payload: inout OutputSpan<UInt8>
  ) {
    let data = frame.bytes
    let bytes = data.span
    var forbidden: UInt8 = 0
    var importance: UInt8 = 0
    for unit in units where !frame.nalUnits[unit].isEmpty {
      let header = bytes[frame.nalUnits[unit].lowerBound]
      forbidden |= header & 0x80
      importance = max(importance, header & 0x60)
    }
    payload.append(forbidden | importance | H264NALUnitType.singleTimeAggregationA.rawValue)
    for unit in units where !frame.nalUnits[unit].isEmpty {
      let range = frame.nalUnits[unit]
      payload.append(bigEndian: UInt16(truncatingIfNeeded: range.count))
      payload.append(copying: bytes.extracting(range))
    }
  }

  private static func isValid(_ piece: Piece, of frame: EncodedFrame) -> Bool {
    let units = frame.nalUnits
    switch piece {
    case .single(let unit):
      return units.indices.contains(Int(unit))
    case .aggregate(let first, let end):
      return first >= 0 && first < end && Int(end) <= units.count
    case .fragment(let unit, let from, let to):
      return units.indices.contains(Int(unit)) && from >= 1 && from < to
        && Int(to) <= units[Int(unit)].count
    }
  }

  private mutating func nextWhole(_ limit: Int) -> Piece {
    let first = unit
    var size = 1
    var count = 0
    var end = first
    while end < frame.nalUnits.count {
      let length = frame.nalUnits[end].count
      if length > 0 {
        guard size + 2 + length <= limit else { break }
        size += 2 + length
        count += 1
      }
      end += 1
    }
    if count >= 2 {
      unit = end
      return .aggregate(first: Int32(first), end: Int32(end))
    }
    unit = first + 1
    skipEmptyUnits()
    return .single(unit: Int32(first))
  }

  private mutating func nextFragment(_ limit: Int) -> Piece {
    let count = frame.nalUnits[unit].count
    // The NAL header byte is not sent: the two bytes of the fragment's header stand for it.
    let from = max(offset, 1)
    let room = limit - 2
    let packets = max(from == 1 ? 2 : 1, (count - from + room - 1) / room)
    let to = min(count, from + (count - from + packets - 1) / packets)
    let piece = Piece.fragment(unit: Int32(unit), from: Int32(from), to: Int32(to))
    offset = to
    if to >= count {
      unit += 1
      offset = 0
      skipEmptyUnits()
    }
    return piece
  }

  private mutating func skipEmptyUnits() {
    while unit < frame.nalUnits.count, frame.nalUnits[unit].isEmpty { unit += 1 }
  }
}

/// The values of nal_unit_type that RTP treats in its own way (H.264 table 7-1, RFC 6184 table 1).
public struct H264NALUnitType: RawRepresentable, Hashable, Sendable {
  /// 0 to 31.
  public let rawValue: UInt8

  /// Creates the type from the low five bits of `rawValue`, as in a NAL unit's first byte.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue & 0x1F
  }

  /// A slice of an IDR picture.
  public static let idrSlice = H264NALUnitType(rawValue: 5)
  /// Sequence parameter set.
  public static let sequenceParameterSet = H264NALUnitType(rawValue: 7)
  /// Picture parameter set.
  public static let pictureParameterSet = H264NALUnitType(rawValue: 8)
  /// Access unit delimiter.
  public static let accessUnitDelimiter = H264NALUnitType(rawValue: 9)
  /// STAP-A: several NAL units of one picture.
  public static let singleTimeAggregationA = H264NALUnitType(rawValue: 24)
  /// FU-A: a part of a NAL unit.
  public static let fragmentationUnitA = H264NALUnitType(rawValue: 28)

  /// Whether the type is one that an encoder makes (1 to 23), not a packet of RTP.
  public var isCodedUnit: Bool { (1...23).contains(rawValue) }

  /// Whether the unit holds a part of the picture itself (1 to 5).
  public var isSlice: Bool { (1...5).contains(rawValue) }
}
