// SPDX-License-Identifier: Apache-2.0

/// A constraint on a name such as `deviceId` (W3C mediacapture-main section 11.1, ConstrainDOMString).
public typealias ConstrainDOMString = ConstrainValue<String>
/// A constraint on a switch such as `echoCancellation` (section 11.1, ConstrainBoolean).
public typealias ConstrainBoolean = ConstrainValue<Bool>

/// What a value should or must be: `.ideal("/dev/video0")`, `.exact(true)`, or a literal.
///
/// A bare literal is an ideal; inside an `advanced` set it is exact (section 11.1).
public struct ConstrainValue<Value: Equatable & Sendable>: Equatable, Sendable {
  /// One of these and nothing else; `nil` where all are accepted.
  public var exact: [Value]?
  /// One of these would be best; nothing is refused for it.
  public var ideal: [Value]?
  /// Values without a word to them.
  private(set) var bare: [Value]?

  /// Accepts one of `exact`; one of `ideal` is best.
  public init(exact: [Value]? = nil, ideal: [Value]? = nil) {
    self.exact = exact
    self.ideal = ideal
  }

  /// The bare `values`.
  public init(_ values: Value...) {
    bare = values
  }

  /// One of `values` if it can be.
  public static func ideal(_ values: Value...) -> Self { Self(ideal: values) }

  /// One of `values` and nothing else.
  public static func exact(_ values: Value...) -> Self { Self(exact: values) }

  /// Whether `value` is asked for in any way.
  func mentions(_ value: Value) -> Bool {
    [exact, ideal, bare].contains { $0?.contains(value) == true }
  }

  /// 0 where `actual` is what is wished, else 1; infinite where it is refused (section 6.2.1).
  func distance(to actual: Value?, bareIsExact: Bool) -> Double {
    for required in [exact, bareIsExact ? bare : nil].compactMap({ $0 }) {
      guard let actual, required.contains(actual) else { return .infinity }
    }
    guard let wished = bareIsExact ? ideal : ideal ?? bare else { return 0 }
    return actual.map(wished.contains) == true ? 0 : 1
  }
}

extension ConstrainValue: ExpressibleByStringLiteral, ExpressibleByExtendedGraphemeClusterLiteral,
  ExpressibleByUnicodeScalarLiteral
where Value == String {
  /// The bare text `value`.
  public init(stringLiteral value: String) {
    self.init(value)
  }
}

extension ConstrainValue: ExpressibleByBooleanLiteral where Value == Bool {
  /// The bare switch `value`.
  public init(booleanLiteral value: Bool) {
    self.init(value)
  }
}
