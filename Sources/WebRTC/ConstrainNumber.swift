// SPDX-License-Identifier: Apache-2.0

/// A number that a constraint may speak of: whole or with a fraction.
public protocol ConstrainableNumber: Equatable, Sendable {
  /// The same number as a `Double`.
  var inDouble: Double { get }
}

extension Int: ConstrainableNumber {
  /// The same number as a `Double`.
  public var inDouble: Double { Double(self) }
}

extension Double: ConstrainableNumber {
  /// The number itself.
  public var inDouble: Double { self }
}

/// A constraint on a whole number such as `width` (W3C mediacapture-main section 11.1, ConstrainULong).
public typealias ConstrainULong = ConstrainNumber<Int>
/// A constraint on a number such as `frameRate` (section 11.1, ConstrainDouble).
public typealias ConstrainDouble = ConstrainNumber<Double>

/// What a number should or must be: `.ideal(1280)`, `.exact(640)`, `.min(480)`, `.max(30)`, or a literal.
///
/// A bare literal is an ideal; inside an `advanced` set it is exact (section 11.1).
public struct ConstrainNumber<Number: ConstrainableNumber>: Equatable, Sendable {
  /// The least that is accepted.
  public var min: Number?
  /// The most that is accepted.
  public var max: Number?
  /// The only number that is accepted.
  public var exact: Number?
  /// What would be best; nothing is refused for it.
  public var ideal: Number?
  /// A number without a word to it.
  private(set) var bare: Number?

  /// Accepts what lies between `min` and `max` and is `exact`; the nearest to `ideal` is best.
  public init(
    min: Number? = nil,
    max: Number? = nil,
    exact: Number? = nil,
    ideal: Number? = nil
  ) {
    self.min = min
    self.max = max
    self.exact = exact
    self.ideal = ideal
  }

  /// The bare `number`.
  public init(_ number: Number) {
    bare = number
  }

  /// The nearer to `number` the better.
  public static func ideal(_ number: Number) -> Self { Self(ideal: number) }

  /// `number` and nothing else.
  public static func exact(_ number: Number) -> Self { Self(exact: number) }

  /// `number` or more.
  public static func min(_ number: Number) -> Self { Self(min: number) }

  /// `number` or less.
  public static func max(_ number: Number) -> Self { Self(max: number) }

  /// Every number that is spoken of.
  var numbers: [Number] { [min, max, exact, ideal, bare].compactMap { $0 } }

  /// How far `actual` is from this: 0 to 1, infinite where it is refused (section 6.2.1, fitness distance).
  func distance(to actual: Number?, bareIsExact: Bool) -> Double {
    let isRequired = min != nil || max != nil || exact != nil || (bareIsExact && bare != nil)
    let ideal = bareIsExact ? ideal : ideal ?? bare
    guard let actual = actual?.inDouble else {
      return isRequired ? .infinity : ideal == nil ? 0 : 1
    }
    // Rates are fractions: 29.97 is meant to be 30000/1001.
    let tolerance = 0.005
    for exact in [exact, bareIsExact ? bare : nil].compactMap({ $0?.inDouble })
    where !(abs(actual - exact) < tolerance) { return .infinity }
    if let min = min?.inDouble, !(actual > min - tolerance) { return .infinity }
    if let max = max?.inDouble, !(actual < max + tolerance) { return .infinity }
    guard let ideal = ideal?.inDouble, actual != ideal else { return 0 }
    let distance = abs(actual - ideal) / Swift.max(abs(actual), abs(ideal))
    return distance.isNaN ? 1 : distance
  }
}

extension ConstrainNumber: ExpressibleByIntegerLiteral where Number: ExpressibleByIntegerLiteral {
  /// The bare number `value`.
  public init(integerLiteral value: Number.IntegerLiteralType) {
    self.init(Number(integerLiteral: value))
  }
}

extension ConstrainNumber: ExpressibleByFloatLiteral where Number: ExpressibleByFloatLiteral {
  /// The bare number `value`.
  public init(floatLiteral value: Number.FloatLiteralType) {
    self.init(Number(floatLiteral: value))
  }
}
