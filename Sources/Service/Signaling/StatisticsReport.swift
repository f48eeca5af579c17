// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import WebRTC

/// `/stats` in its first form: the device, the encoder and every peer.
enum StatisticsReport {
  static func camera(_ source: VideoSource) -> JSONValue {
    let facts = source.facts
    return .object([
      ("label", .string(source.label)),
      ("width", .integer(Int64(facts.size.width))),
      ("height", .integer(Int64(facts.size.height))),
      ("pixelFormat", .string(facts.pixelFormat)),
      ("framesCaptured", .integer(Int64(facts.framesCaptured))),
      ("framesDropped", .integer(Int64(facts.framesDropped))),
      ("problem", source.problem.map { .string($0) } ?? .null),
    ])
  }

  static func encoder(_ source: VideoSource) -> JSONValue {
    let facts = source.facts
    return .object([
      ("encoderImplementation", .string("x264")),
      ("framesEncoded", .integer(Int64(facts.encoder.frames))),
      ("keyFramesEncoded", .integer(Int64(facts.encoder.keyframes))),
      ("bytesEncoded", .integer(Int64(facts.encoder.bytes))),
      ("targetBitrate", .integer(Int64(facts.bitrate.bitsPerSecond))),
      ("totalEncodeTime", .number(facts.encoder.busy.inSeconds)),
    ])
  }

  static func peer(_ connection: RTCPeerConnection) async -> JSONValue {
    var row: [(String, JSONValue)] = [
      ("connectionState", .string(await connection.connectionState.rawValue)),
      ("iceConnectionState", .string(await connection.iceConnectionState.rawValue)),
    ]
    if let reason = await connection.failureReason {
      row.append(("failureReason", .string(reason)))
    }
    if let counters = await connection.counters {
      row += [
        ("framesSent", .integer(Int64(counters.framesSent))),
        ("keyFramesSent", .integer(Int64(counters.keyFramesSent))),
        ("packetsSent", .integer(Int64(counters.packetsSent))),
        ("bytesSent", .integer(Int64(counters.bytesSent))),
        ("retransmittedPacketsSent", .integer(Int64(counters.retransmittedPacketsSent))),
        ("nackCount", .integer(Int64(counters.nackCount))),
        ("pliCount", .integer(Int64(counters.pliCount))),
        ("firCount", .integer(Int64(counters.firCount))),
        ("fractionLost", .number(counters.fractionLost)),
        ("roundTripTime", counters.roundTripTime.map { .number($0) } ?? .null),
        ("datagramsDropped", .integer(Int64(counters.datagramsDropped))),
      ]
    }
    return .object(row)
  }
}
