// SPDX-License-Identifier: Apache-2.0

/// A setting of a camera, as its driver describes it.
public struct CameraControl: Equatable, Sendable {
  /// What its values are like.
  public enum Kind: Equatable, Sendable {
    /// Whole numbers in steps.
    case integer
    /// 0 or 1.
    case boolean
    /// One of these.
    case menu([Entry])
    /// None: it can only be pressed.
    case button
  }

  /// One entry of a menu.
  public struct Entry: Equatable, Sendable {
    /// The value that chooses it.
    public var value: Int64
    /// What it is called.
    public var name: String

    /// Creates an entry.
    public init(value: Int64, name: String) {
      self.value = value
      self.name = name
    }
  }

  /// What of it may change, besides being set.
  public struct State: Equatable, Sendable {
    /// The value; `nil` where it cannot be read.
    public var value: Int64?
    /// The smallest value.
    public var minimum: Int64
    /// The largest value.
    public var maximum: Int64
    /// What lies between two values.
    public var step: Int64
    /// The driver's own choice.
    public var standard: Int64
    /// Whether it cannot be set at all.
    public var isReadOnly: Bool
    /// Whether setting it has no effect now, because another setting decides.
    public var isInactive: Bool

    /// Creates a state.
    public init(
      value: Int64?,
      in range: ClosedRange<Int64>,
      step: Int64 = 1,
      standard: Int64,
      isReadOnly: Bool = false,
      isInactive: Bool = false
    ) {
      self.value = value
      minimum = range.lowerBound
      maximum = range.upperBound
      self.step = max(1, step)
      self.standard = standard
      self.isReadOnly = isReadOnly
      self.isInactive = isInactive
    }
  }

  /// V4L2's number.
  public var id: UInt32
  /// What the driver calls it.
  public var name: String
  /// What its values are like.
  public var kind: Kind
  /// What of it may change.
  public var state: State
  /// Whether its value has 64 bits.
  public var isWide: Bool

  /// Creates the description of a control.
  public init(id: UInt32, name: String, kind: Kind, state: State, isWide: Bool = false) {
    self.id = id
    self.name = name
    self.kind = kind
    self.state = state
    self.isWide = isWide
  }

  /// The name as programs write it, as v4l2-ctl does: `White Balance, Automatic` is
  /// `white_balance_automatic`.
  public var word: String {
    var bytes: [UInt8] = []
    for byte in name.lowercased().utf8 {
      let isPart =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      if isPart {
        bytes.append(byte)
      } else if !bytes.isEmpty, bytes.last != UInt8(ascii: "_") {
        bytes.append(UInt8(ascii: "_"))
      }
    }
    if bytes.last == UInt8(ascii: "_") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value nearest to `wish` that it can have.
  public func nearest(to wish: Double) -> Int64? {
    switch kind {
    case .boolean: return wish == 0 ? 0 : 1
    case .menu(let entries):
      return entries.first { Double($0.value) == wish }?.value
    case .button: return nil
    case .integer:
      let (low, high) = (Double(state.minimum), Double(state.maximum))
      let step = Double(state.step)
      let steps = ((min(max(wish, low), high) - low) / step).rounded()
      let value = low + min(steps, ((high - low) / step).rounded(.down)) * step
      return Int64(exactly: value.rounded())
    }
  }
}
