// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import WebRTC

/// `/stats` in its first form: the device, the encoder and every peer.
enum StatisticsReport {
  static func camera(_ source: VideoSource) -> JSONValue {
    let facts = source.facts
    return .object([
      "label": .string(source.label),
      "width": .integer(Int64(facts.width)),
      "height": .integer(Int64(facts.height)),
      "pixelFormat": .string(facts.pixelFormat),
      "framesCaptured": .integer(Int64(clamping: facts.framesCaptured)),
      "framesDropped": .integer(Int64(clamping: facts.framesDropped)),
      "problem": source.problem.map { .string($0) } ?? .null,
    ])
  }

  static func encoder(_ source: VideoSource) -> JSONValue {
    let facts = source.facts
    return .object([
      "encoderImplementation": .string("x264"),
      "framesEncoded": .integer(Int64(clamping: facts.framesEncoded)),
      "keyFramesEncoded": .integer(Int64(clamping: facts.keyFramesEncoded)),
      "bytesEncoded": .integer(Int64(clamping: facts.bytesEncoded)),
      "totalEncodeTime": .number(facts.totalEncodeTime),
      "targetBitrate": .integer(Int64(facts.targetBitrate)),
    ])
  }

  static func peer(_ connection: RTCPeerConnection, shares: JSONValue) async -> JSONValue {
    var row: JSONObject = [
      "connectionState": .string(await connection.connectionState.rawValue),
      "iceConnectionState": .string(await connection.iceConnectionState.rawValue),
      "shares": shares,
    ]
    row["failureReason"] = await connection.failureReason.map { .string($0) }
    guard let counters = await connection.counters else { return .object(row) }
    let numbers: [(String, UInt64)] = [
      ("framesSent", counters.framesSent), ("keyFramesSent", counters.keyFramesSent),
      ("packetsSent", counters.packetsSent), ("bytesSent", counters.bytesSent),
      ("retransmittedPacketsSent", counters.retransmittedPacketsSent),
      ("nackCount", counters.nackCount), ("pliCount", counters.pliCount),
      ("firCount", counters.firCount), ("datagramsDropped", counters.datagramsDropped),
      ("framesReceived", counters.framesReceived),
    ]
    for (name, value) in numbers { row[name] = .integer(Int64(clamping: value)) }
    row["fractionLost"] = .number(counters.fractionLost)
    row["roundTripTime"] = counters.roundTripTime.map { .number($0) }
    return .object(row)
  }
}
