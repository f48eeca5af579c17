// SPDX-License-Identifier: Apache-2.0
internal import JSON
public import WebRTC

/// One message of the signalling line, as it travels over `/ws`: a member of a JSON object.
///
///     {"offer": {"type": "offer", "sdp": "…"}}       {"answer": {"type": "answer", "sdp": "…"}}
///     {"candidate": {"candidate": "…", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "…"}}
///     {"candidate": null}       {"call": {}}       {"error": "…"}
public enum SignalingMessage: Hashable, Sendable {
  /// An offer or an answer.
  case description(RTCSessionDescription)
  /// A candidate; `nil` says that there are no more.
  case candidate(RTCIceCandidate?)
  /// The other side is asked to make the offer, and may from then on make more of them.
  case call
  /// What went wrong at the other side, in words.
  case error(String)
  /// Anything else: a name, and its value as JSON.
  case other(name: String, json: String)
  /// No message comes or goes any more; the last one, never sent.
  ///
  /// The code is that of RFC 6455 section 7.4: 1000 and 1001 are an orderly end, 1006 a broken line.
  case closed(code: UInt16, reason: String)

  /// The message that a member of an object is.
  init(_ name: String, _ value: JSONValue) {
    switch name {
    case "offer", "answer":
      guard let sdp = value["sdp"]?.string else { break }
      let isProvisional = name == "answer" && value["type"]?.string == "pranswer"
      let type: RTCSdpType = name == "offer" ? .offer : isProvisional ? .pranswer : .answer
      self = .description(RTCSessionDescription(type: type, sdp: sdp))
      return
    case "candidate":
      guard let text = value["candidate"]?.string else {
        guard value.isNull else { break }
        self = .candidate(nil)
        return
      }
      let candidate = RTCIceCandidate(
        candidate: text,
        sdpMid: value["sdpMid"]?.string,
        sdpMLineIndex: value["sdpMLineIndex"]?.integer.flatMap { UInt16(exactly: $0) },
        usernameFragment: value["usernameFragment"]?.string
      )
      self = .candidate(candidate)
      return
    case "call" where value.object != nil:
      self = .call
      return
    case "error":
      guard let text = value.string else { break }
      self = .error(text)
      return
    default: break
    }
    self = .other(name: name, json: value.description)
  }

  /// The text of the message; `nil` for what cannot be sent: the end, a rollback, `json` that is none.
  var text: String? {
    let member: JSONObject.Member
    switch self {
    case .description(let description):
      guard description.type != .rollback else { return nil }
      member = .init(
        description.type == .offer ? "offer" : "answer",
        ["type": .string(description.type.rawValue), "sdp": .string(description.sdp)]
      )
    case .candidate(let candidate): member = .init("candidate", Self.value(of: candidate))
    case .call: member = .init("call", [:])
    case .error(let text): member = .init("error", .string(text))
    case .other(let name, let json):
      guard let value = try? JSONValue(parsing: json) else { return nil }
      member = .init(name, value)
    case .closed: return nil
    }
    return JSONValue.object(JSONObject([member])).description
  }

  private static func value(of candidate: RTCIceCandidate?) -> JSONValue {
    guard let candidate else { return .null }
    return [
      "candidate": .string(candidate.candidate),
      "sdpMid": candidate.sdpMid.map { .string($0) } ?? .null,
      "sdpMLineIndex": candidate.sdpMLineIndex.map { .integer(Int64($0)) } ?? .null,
      "usernameFragment": candidate.usernameFragment.map { .string($0) } ?? .null,
    ]
  }
}
