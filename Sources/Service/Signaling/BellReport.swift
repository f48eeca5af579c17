// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop
internal import JSON
internal import Ringing
internal import Wire

/// A call as the page and `/stats` are told of it.
enum BellReport {
  /// The call, at `now`.
  static func members(of call: Doorbell.Call, at now: Timestamp) -> JSONObject {
    var members: JSONObject = [
      "call": .integer(Int64(clamping: call.number)), "name": .string(call.name),
      "state": .string(word(for: call.state)),
      "seconds": .number(Double((now - call.began).inNanoseconds / 1_000_000) / 1_000),
    ]
    if let visitor = call.visitor { members["by"] = .integer(Int64(clamping: visitor)) }
    return members
  }

  /// The bell's row of `/stats`.
  static func row(of bell: isolated BoardBell) -> JSONValue {
    var members: JSONObject = ["state": "idle"]
    if let call = bell.call { members = Self.members(of: call, at: bell.loop.now) }
    members["refused"] = .integer(Int64(clamping: bell.refused))
    return .object(members)
  }

  private static func word(for state: Doorbell.State) -> String {
    switch state {
    case .ringing: "ringing"
    case .answered: "answered"
    case .declined: "declined"
    case .missed: "missed"
    }
  }
}

extension Doorbell.Call {
  /// Who has ended it.
  var visitor: UInt64? {
    switch state {
    case .answered(let visitor), .declined(let visitor): visitor
    case .ringing, .missed: nil
    }
  }
}
