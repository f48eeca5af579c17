// SPDX-License-Identifier: Apache-2.0

/// One RTP header extension and the number it travels under: `a=extmap` (RFC 8285 section 8).
public struct ExtensionMap: Hashable, Sendable {
  /// The local identifier, from 1.
  public var id: UInt16
  /// The direction after the slash, where there is one.
  public var direction: MediaDirection?
  /// What the extension is.
  public var uri: String
  /// What follows the URI, where something does.
  public var attributes: String?

  /// Creates the map of `id` to `uri`.
  public init(
    id: UInt16,
    uri: String,
    direction: MediaDirection? = nil,
    attributes: String? = nil
  ) {
    self.id = id
    self.uri = uri
    self.direction = direction
    self.attributes = attributes
  }

  init(_ value: SDPText?, _ line: SDPLine) throws(SDPError) {
    let words = (value ?? []).words
    guard words.count >= 2 else { throw line.error("a=extmap needs a number and a URI") }
    let (number, direction) = words[0].cut(at: UInt8(ascii: "/"))
    guard let id = number.number(as: UInt16.self), id > 0 else {
      throw line.error("a=extmap has no number from 1 to 65535")
    }
    if let direction {
      guard let known = MediaDirection(rawValue: direction.string) else {
        throw line.error("a=extmap has an unknown direction")
      }
      self.direction = known
    }
    self.id = id
    uri = words[1].string
    let rest = words.dropFirst(2)
    attributes = rest.isEmpty ? nil : rest.map(\.string).joined(separator: " ")
  }

  /// The attribute's value as printed.
  var value: String {
    let way = direction.map { "/\($0.rawValue)" } ?? ""
    let rest = attributes.map { " \($0)" } ?? ""
    return "\(id)\(way) \(uri)\(rest)"
  }
}
