// SPDX-License-Identifier: Apache-2.0

/// What a connection has counted, object by object (W3C webrtc-pc section 8.5, RTCStatsReport).
///
/// A map from `id` to the object, in an order that does not change.
///
///     let report = await connection.getStats()
///     for outbound in report.all(RTCOutboundRtpStreamStats.self) {
///       print(outbound.kind, outbound.packetsSent, report[outbound.remoteId ?? ""] ?? "no report yet")
///     }
public struct RTCStatsReport: Sendable {
  /// The objects, in order.
  public private(set) var values: [any RTCStats] = []
  private var places: [String: Int] = [:]

  /// Creates an empty report.
  init() {}

  /// The identifiers, in order.
  public var keys: [String] { values.map(\.id) }

  /// How many objects there are.
  public var size: Int { values.count }

  /// The object called `id`.
  public subscript(id: String) -> (any RTCStats)? { places[id].map { values[$0] } }

  /// Whether there is an object called `id`.
  public func has(_ id: String) -> Bool { places[id] != nil }

  /// The objects of one type, in order.
  public func all<Stats: RTCStats>(_ type: Stats.Type) -> [Stats] {
    values.compactMap { $0 as? Stats }
  }

  /// The first object of one type, such as the only `RTCTransportStats`.
  public func first<Stats: RTCStats>(_ type: Stats.Type) -> Stats? { all(type).first }

  /// Adds an object, unless there is one of its name.
  mutating func add(_ stats: some RTCStats) {
    guard places[stats.id] == nil else { return }
    places[stats.id] = values.count
    values.append(stats)
  }

  /// The objects that `isWanted` holds for, and all that they name, directly or not: what the W3C calls
  /// the stats selection algorithm (webrtc-pc section 8.4).
  func selecting(_ isWanted: (any RTCStats) -> Bool) -> RTCStatsReport {
    var wanted: Set<String> = []
    var open = values.filter(isWanted).map(\.id)
    while let id = open.popLast() {
      guard let stats = self[id], wanted.insert(id).inserted else { continue }
      for case (let name, .string(let other)) in stats.members
      where name.hasSuffix("Id") && has(other) {
        open.append(other)
      }
    }
    var result = RTCStatsReport()
    for stats in values where wanted.contains(stats.id) { result.add(stats) }
    return result
  }
}

extension RTCStatsReport: Sequence {
  /// Walks through the objects, in order.
  public func makeIterator() -> IndexingIterator<[any RTCStats]> { values.makeIterator() }
}
