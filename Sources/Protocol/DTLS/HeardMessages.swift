// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What the peer has said in the handshake, so that one that broke can be repeated up to where it did.
///
/// Nothing vouches for clear text: of each fragment of a message several versions may have come, one
/// true and the others damaged or forged. The peer repeats the true one, so what has come twice goes
/// before what has come once, and the latest before the earlier.
struct HeardMessages: Sendable {
  /// Most bytes that are kept; a version that has not come twice goes first, the oldest of those.
  static let limit = 24_576
  /// What a version costs besides its bytes, so that many empty ones are bounded too.
  private static let overhead = 64
  /// Messages of a higher number belong to no handshake.
  static let highestNumber: UInt16 = 15

  /// One version of a fragment, its header included.
  private struct Version: Sendable {
    let number: UInt16
    let offset: Int
    let bytes: [UInt8]
    var isConfirmed = false
    /// Whether a handshake broke over it: it, or something before it, was not true.
    var isSuspect = false
    var stamp: UInt64

    /// Grows with what speaks for this version.
    var likelihood: (Int, UInt64) {
      ((isConfirmed ? 2 : 0) - (isSuspect ? 1 : 0), stamp)
    }
  }

  private var versions: [Version] = []
  private var bytes = 0
  private var stamp: UInt64 = 0

  /// Whether there are several versions of something.
  var isAmbiguous: Bool {
    for (index, version) in versions.enumerated() {
      let isOther = versions[..<index].contains {
        $0.number == version.number && $0.offset == version.offset
      }
      if isOther { return true }
    }
    return false
  }

  /// Remembers well-formed `records`.
  mutating func hear(_ records: [UInt8]) {
    for (header, fragment) in Self.fragments(of: records)
    where header.number <= Self.highestNumber {
      add(header, fragment)
    }
  }

  /// The fragments to repeat, in order: of each the likeliest version, or any by chance.
  func chosen(byChance random: inout RandomSource, isByChance: Bool) -> [[UInt8]] {
    var order: [(number: UInt16, offset: Int)] = []
    for version in versions
    where !order.contains(where: { $0.number == version.number && $0.offset == version.offset }) {
      order.append((version.number, version.offset))
    }
    order.sort { ($0.number, $0.offset) < ($1.number, $1.offset) }
    return order.compactMap { place in
      let all = versions.filter { $0.number == place.number && $0.offset == place.offset }
      if isByChance { return all.randomElement(using: &random)?.bytes }
      let likeliest = all.max { $0.likelihood < $1.likelihood }
      return likeliest.flatMap { $0.isSuspect && !$0.isConfirmed ? nil : $0.bytes }
    }
  }

  /// Notes that the handshake broke over `records`.
  mutating func suspect(_ records: [UInt8]) {
    let fragments = Self.fragments(of: records)
    for index in versions.indices where fragments.contains(where: { $1 == versions[index].bytes }) {
      versions[index].isSuspect = true
    }
  }

  /// The fragments of messages in clear text among `records`, headers included.
  private static func fragments(of records: [UInt8]) -> [(DTLSHandshakeHeader, [UInt8])] {
    var found: [(DTLSHandshakeHeader, [UInt8])] = []
    let bytes = records.span
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      let start = reader.position + DTLSRecordHeader.size
      guard let header = DTLSRecordHeader(&reader), let body = reader.readSpan(header.length) else {
        break
      }
      guard header.epoch == 0, header.content == .handshake else { continue }
      var messages = ByteReader(body)
      while !messages.isAtEnd {
        let first = messages.position
        guard let head = DTLSHandshakeHeader(&messages), messages.skip(head.fragmentLength) else {
          break
        }
        found.append((head, Array(records[(start + first)..<(start + messages.position)])))
      }
    }
    return found
  }

  private mutating func add(_ header: DTLSHandshakeHeader, _ fragment: [UInt8]) {
    stamp &+= 1
    if let index = versions.firstIndex(where: { $0.bytes == fragment }) {
      versions[index].isConfirmed = true
      versions[index].stamp = stamp
      return
    }
    versions.append(
      Version(number: header.number, offset: header.offset, bytes: fragment, stamp: stamp)
    )
    bytes += fragment.count + Self.overhead
    while bytes > Self.limit {
      let oldest = versions.indices.min {
        (versions[$0].isConfirmed ? 1 : 0, versions[$0].stamp)
          < (versions[$1].isConfirmed ? 1 : 0, versions[$1].stamp)
      }
      guard let oldest else { return }
      bytes -= versions.remove(at: oldest).bytes.count + Self.overhead
    }
  }
}
