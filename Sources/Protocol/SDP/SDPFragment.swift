// SPDX-License-Identifier: Apache-2.0

/// A piece of a session description that trickles candidates or restarts ICE: the body of a WHEP or
/// WHIP `PATCH`, `application/trickle-ice-sdpfrag` (RFC 8840 section 9).
///
/// It has no lines but `a=` and `m=` (and `c=` in a section); the limits of `SDPLimits` hold.
public struct SDPFragment: Hashable, Sendable {
  /// ICE credentials and options before the first m-line.
  public var transport = TransportDescription()
  /// `a=ice-lite`.
  public var isICELite = false
  /// `a=end-of-candidates` before the first m-line: it holds for all sections.
  public var isEndOfCandidates = false
  /// The sections, each named by its mid.
  public var media: [MediaDescription] = []
  /// Every other attribute before the first m-line, as written after `a=`.
  public var other: [String] = []

  /// Creates an empty fragment.
  public init() {}

  /// Reads `text`, whose lines end in CR LF or LF.
  ///
  /// - Throws: the line and what is wrong with it.
  public init(parsing text: some StringProtocol) throws(SDPError) {
    var lines = try SDPLines(text)
    var sections: [MediaSection] = []
    while let line = try lines.next() {
      if line.type == UInt8(ascii: "m") {
        guard sections.count < SDPLimits.mediaSections else {
          throw line.error("there are more than \(SDPLimits.mediaSections) m-sections")
        }
        sections.append(try MediaSection(line))
      } else if sections.isEmpty {
        try take(line)
      } else {
        try sections[sections.count - 1].take(line)
      }
    }
    media = sections.map { $0.finished() }
  }

  /// The fragment's sections, each with the credentials that stand before the first m-line where it
  /// has none itself.
  public var effectiveMedia: [MediaDescription] {
    media.map { section in
      var result = section
      result.transport = section.transport.completed(by: transport)
      result.isEndOfCandidates = section.isEndOfCandidates || isEndOfCandidates
      return result
    }
  }

  private mutating func take(_ line: SDPLine) throws(SDPError) {
    guard line.type == UInt8(ascii: "a") else {
      throw line.error("this letter does not belong into a fragment")
    }
    let (name, value) = try line.attribute()
    if try transport.take(name, value, line) { return }
    switch name {
    case "ice-lite": isICELite = true
    case "end-of-candidates": isEndOfCandidates = true
    default: other.append(line.value.string)
    }
  }
}

extension SDPFragment: CustomStringConvertible {
  /// The fragment as text, each line ended by CR LF.
  public var description: String {
    var writer = SDPWriter()
    writer.flag("ice-lite", isICELite)
    transport.write(to: &writer)
    writer.flag("end-of-candidates", isEndOfCandidates)
    for attribute in other { writer.line("a=\(attribute)") }
    for section in media { section.write(to: &writer) }
    return writer.text
  }
}
