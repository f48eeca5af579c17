// SPDX-License-Identifier: Apache-2.0

/// A value of TOML 1.0.
///
/// What a configuration has no use for is refused by name: dates and times, text over several lines,
/// `inf` and `nan`. All else is read by the letter of the specification. Keys that differ only in
/// Unicode normalisation count as the same key, as they do for Swift's `==`.
public enum TOMLValue: Sendable {
  /// A string, basic or literal.
  case string(String)
  /// A number without fraction and exponent.
  case integer(Int64)
  /// Any other number.
  case float(Double)
  /// `true` or `false`
  case boolean(Bool)
  /// An array; the tables of `[[name]]` are one too.
  case array([TOMLValue])
  /// A table, however it was written.
  case table(TOMLTable)
}

/// The keys of a table and their values, in the order written.
public struct TOMLTable: Sendable {
  /// One key and its value.
  public struct Member: Sendable {
    /// The key.
    public let name: String
    /// Where the key stands.
    public let position: TOMLPosition
    /// The value.
    public let value: TOMLValue

    /// Creates the member `name`.
    public init(_ name: String, at position: TOMLPosition, _ value: TOMLValue) {
      self.name = name
      self.position = position
      self.value = value
    }
  }

  /// Where the table is first mentioned.
  public let position: TOMLPosition
  /// The members, in order.
  public let members: [Member]

  /// Creates a table with `members`.
  public init(at position: TOMLPosition, _ members: [Member]) {
    self.position = position
    self.members = members
  }

  /// The member called `name`.
  public subscript(name: String) -> Member? { members.first { $0.name == name } }
}
