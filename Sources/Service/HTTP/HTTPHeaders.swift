// SPDX-License-Identifier: Apache-2.0

/// Header fields in the order written, looked up by name in any case (RFC 9110 section 5).
public struct HTTPHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One field line.
  public struct Field: Hashable, Sendable {
    /// The name, a token.
    public var name: String
    /// The value without blanks around it.
    public var value: String

    /// Creates the field `name`.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The fields, in order.
  public var fields: [Field]

  /// Creates a list of fields.
  public init(_ fields: [Field] = []) {
    self.fields = fields
  }

  /// Creates a list of fields in the order of the literal.
  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field($0.0, $0.1) }
  }

  /// The first value of `name`; setting replaces the first and removes all others.
  public subscript(name: String) -> String? {
    get {
      fields.first { Self.isSame($0.name, name) }?.value
    }
    set {
      let index = fields.firstIndex { Self.isSame($0.name, name) }
      fields.removeAll { Self.isSame($0.name, name) }
      guard let newValue else { return }
      fields.insert(Field(name, newValue), at: min(index ?? fields.count, fields.count))
    }
  }

  /// Every value of `name`, in order.
  public func values(of name: String) -> [String] {
    fields.filter { Self.isSame($0.name, name) }.map(\.value)
  }

  /// The members of all comma-separated lists called `name`, without blanks and empty members.
  public func list(of name: String) -> [String] {
    values(of: name).flatMap { value in
      Array(value.utf8).split(separator: UInt8(ascii: ",")).map { $0.trimmed.string }
    }.filter { !$0.isEmpty }
  }

  /// Whether a list called `name` has the member `word`, in any case.
  public func list(of name: String, has word: String) -> Bool {
    list(of: name).contains { Self.isSame($0, word) }
  }

  /// Appends a field.
  public mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name, value))
  }

  /// Whether two ASCII texts are equal but for the case of letters.
  static func isSame(_ lhs: String, _ rhs: String) -> Bool {
    lhs.utf8.count == rhs.utf8.count && zip(lhs.utf8, rhs.utf8).allSatisfy { $0.lower == $1.lower }
  }
}
