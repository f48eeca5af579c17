// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import WebRTC

/// The parts of `/stats`: the device, the encoder, every peer, and all that was turned away.
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

  static func peer(
    _ session: ViewerSessions.Session,
    shares: JSONValue,
    withStatistics: Bool = false
  ) async -> JSONValue {
    let connection = session.connection
    var row: JSONObject = [
      "access": .string(session.level.rawValue),
      "connectionState": .string(await connection.connectionState.rawValue),
      "iceConnectionState": .string(await connection.iceConnectionState.rawValue),
      "shares": shares,
    ]
    if withStatistics { row["stats"] = await w3c(connection) }
    row["failureReason"] = await connection.failureReason.map { .string($0) }
    guard let counters = await connection.counters else { return .object(row) }
    let numbers: [(String, UInt64)] = [
      ("framesSent", counters.framesSent), ("keyFramesSent", counters.keyFramesSent),
      ("packetsSent", counters.packetsSent), ("bytesSent", counters.bytesSent),
      ("retransmittedPacketsSent", counters.retransmittedPacketsSent),
      ("nackCount", counters.nackCount), ("pliCount", counters.pliCount),
      ("firCount", counters.firCount), ("datagramsDropped", counters.dropped.total),
      ("handshakeRestarts", counters.handshakeRestarts),
      ("framesReceived", counters.framesReceived),
    ]
    for (name, value) in numbers { row[name] = .integer(Int64(clamping: value)) }
    row["dropped"] = .object(droppedByReason(counters.dropped))
    row["fractionLost"] = .number(counters.fractionLost)
    row["roundTripTime"] = counters.roundTripTime.map { .number($0) }
    return .object(row)
  }

  /// What `getStats` tells of a connection: a map from names to objects, as a browser's report.
  private static func w3c(_ connection: RTCPeerConnection) async -> JSONValue {
    guard let report = try? await connection.getStats() else { return .null }
    var objects = JSONObject()
    for stats in report {
      let members = stats.members.map { JSONObject.Member($0.name, JSONValue($0.value)) }
      objects.members.append(JSONObject.Member(stats.id, .object(JSONObject(members))))
    }
    return .object(objects)
  }

  /// The port that all viewers share, over all sessions that are or were.
  static func network(_ counters: NetworkCounters) -> JSONValue {
    var dropped = droppedByReason(counters.dropped)
    dropped["strangers"] = .integer(Int64(clamping: counters.strangers))
    dropped["tooLong"] = .integer(Int64(clamping: counters.tooLong))
    dropped["receiveBufferFull"] = .integer(Int64(clamping: counters.receiveBufferFull))
    return .object([
      "datagramsReceived": .integer(Int64(clamping: counters.datagramsReceived)),
      "datagramsSent": .integer(Int64(clamping: counters.datagramsSent)),
      "datagramsUnsent": .integer(Int64(clamping: counters.datagramsUnsent)),
      "dropped": .object(dropped),
    ])
  }

  /// The connections of HTTP, and what they were refused.
  static func http(_ counters: HTTPCounters) -> JSONValue {
    var refusals: JSONObject = [:]
    for (status, count) in counters.refusals.sorted(by: { $0.key < $1.key }) {
      refusals["\(status)"] = .integer(Int64(clamping: count))
    }
    return .object([
      "connections": .integer(Int64(counters.connections)),
      "connectionsUnauthorized": .integer(Int64(counters.connectionsUnauthorized)),
      "connectionsEvicted": .integer(Int64(clamping: counters.connectionsEvicted)),
      "connectionsRefused": .integer(Int64(counters.connectionsRefused)),
      "requests": .integer(Int64(clamping: counters.requests)),
      "refusals": .object(refusals),
      "webSocketsFailed": .integer(Int64(clamping: counters.webSocketsFailed)),
      "handshakes": .integer(Int64(clamping: counters.handshakes)),
      "handshakesFailed": .integer(Int64(clamping: counters.handshakesFailed)),
    ])
  }

  private static func droppedByReason(_ dropped: DroppedDatagrams) -> JSONObject {
    var row: JSONObject = [:]
    let reasons: [(String, UInt64)] = [
      ("stun", dropped.stun), ("unvalidated", dropped.unvalidated), ("unknown", dropped.unknown),
      ("handshakeOverflow", dropped.handshakeOverflow), ("handshake", dropped.handshake),
      ("unauthenticated", dropped.unauthenticated), ("unexpected", dropped.unexpected),
      ("channels", dropped.channels),
    ]
    for (name, value) in reasons { row[name] = .integer(Int64(clamping: value)) }
    return row
  }
}

extension JSONValue {
  fileprivate init(_ value: RTCStatsValue) {
    self =
      switch value {
      case .string(let text): .string(text)
      case .integer(let count): .integer(count)
      case .number(let number): .number(number)
      case .boolean(let isTrue): .bool(isTrue)
      }
  }
}
