// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import Ringing

/// What became of a call, as it travels back to the program that rang: `{"bell":"answered","by":3}`.
public enum RingOutcome: Hashable, Sendable {
  /// The visitor of this number has answered.
  case answered(by: UInt64)
  /// The visitor of this number has declined.
  case declined(by: UInt64)
  /// Nobody has done either in time.
  case missed

  /// The outcome of `call`; `nil` while it rings.
  init?(of call: Doorbell.Call) {
    switch call.state {
    case .ringing: return nil
    case .answered(let visitor): self = .answered(by: visitor)
    case .declined(let visitor): self = .declined(by: visitor)
    case .missed: self = .missed
    }
  }

  /// Reads the first line of `bytes`; `nil` when it tells of no outcome.
  public init?(parsing bytes: [UInt8]) {
    let line = Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
    let value = try? JSONValue(parsing: line)
    let visitor = value?["by"]?.integer.map { UInt64(clamping: $0) }
    switch (value?["bell"]?.string, visitor) {
    case ("answered", let visitor?): self = .answered(by: visitor)
    case ("declined", let visitor?): self = .declined(by: visitor)
    case ("missed", _): self = .missed
    default: return nil
    }
  }

  /// The line, with its end.
  var line: [UInt8] {
    let object: JSONObject =
      switch self {
      case .answered(let visitor): ["bell": "answered", "by": .integer(Int64(clamping: visitor))]
      case .declined(let visitor): ["bell": "declined", "by": .integer(Int64(clamping: visitor))]
      case .missed: ["bell": "missed"]
      }
    return JSONValue.object(object).utf8 + [UInt8(ascii: "\n")]
  }
}
