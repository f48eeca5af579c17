// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Who of those who want to speak through the loudspeaker is heard: one after the other, in the order
/// of their asking, or several at a time where sound is mixed.
///
/// After each call and at each `deadline` call `advance`, then `nextEvent` until it answers `nil`.
/// Nobody comes before another who has asked first.
public struct TalkArbiter<ID: Hashable & Sendable>: Sendable {
  /// How turns are given.
  public struct Configuration: Hashable, Sendable {
    /// How many are heard at a time; more than one are mixed.
    public var maximumTalkers = 1
    /// How many may wait.
    public var maximumWaiting = 16
    /// Who is not heard for so long has ended.
    public var longestSilence: Duration = .seconds(3)
    /// How long one may speak while others wait.
    public var longestTurn: Duration = .seconds(60)

    /// Creates a configuration with one talker at a time.
    public init() {}
  }

  /// Where somebody stands.
  public enum Standing: Hashable, Sendable {
    /// Is heard.
    case talking
    /// Waits; so many are to be heard before.
    case waiting(before: Int)
    /// Has not asked, or too many wait.
    case absent
  }

  /// What has changed.
  public enum Event: Hashable, Sendable {
    /// Is heard from now on.
    case began(ID)
    /// Is no longer heard.
    case ended(ID)
    /// These wait now, the next one first.
    case waiting([ID])
  }

  private struct Turn: Sendable {
    var id: ID
    var began: Timestamp
    var heard: Timestamp
  }

  /// The configuration given at the beginning.
  public let configuration: Configuration
  /// Those who wait, the next one first.
  public private(set) var waiting: [ID] = []

  private var turns: [Turn] = []
  private var told: (talkers: [ID], waiting: [ID]) = ([], [])

  /// Creates an arbiter whom nobody has asked.
  public init(_ configuration: Configuration = .init()) {
    var configuration = configuration
    configuration.maximumTalkers = max(1, configuration.maximumTalkers)
    self.configuration = configuration
  }

  /// Those who are heard, in the order of their beginning.
  public var talkers: [ID] { turns.map(\.id) }

  /// Where `id` stands.
  public func standing(of id: ID) -> Standing {
    if turns.contains(where: { $0.id == id }) { return .talking }
    return waiting.firstIndex(of: id).map { .waiting(before: $0) } ?? .absent
  }

  /// `id` asks to be heard; asking again changes nothing.
  @discardableResult
  public mutating func request(_ id: ID, at now: Timestamp) -> Standing {
    advance(to: now)
    guard standing(of: id) == .absent else { return standing(of: id) }
    if turns.count < configuration.maximumTalkers {
      begin(id, at: now)
    } else if waiting.count < configuration.maximumWaiting {
      waiting.append(id)
    }
    return standing(of: id)
  }

  /// `id` spoke at `now`; without effect on others than talkers.
  public mutating func hear(_ id: ID, at now: Timestamp) {
    guard let index = turns.firstIndex(where: { $0.id == id }) else { return }
    turns[index].heard = max(turns[index].heard, now)
  }

  /// `id` has ended, no longer wants to be heard, or has gone.
  public mutating func release(_ id: ID, at now: Timestamp) {
    turns.removeAll { $0.id == id }
    waiting.removeAll { $0 == id }
    advance(to: now)
  }

  /// Ends the turns that are over, and begins the next ones.
  public mutating func advance(to now: Timestamp) {
    // One who falls silent ends at once. Of those who have spoken for long, only as many as wait.
    turns.removeAll { now - $0.heard >= configuration.longestSilence }
    var wanted = waiting.count - (configuration.maximumTalkers - turns.count)
    while wanted > 0, let first = turns.first, now - first.began >= configuration.longestTurn {
      turns.removeFirst()
      wanted -= 1
    }
    while turns.count < configuration.maximumTalkers, !waiting.isEmpty {
      begin(waiting.removeFirst(), at: now)
    }
  }

  /// When to call `advance` next; `nil` while nobody is heard.
  public var deadline: Timestamp? {
    var deadline: Timestamp?
    for turn in turns { deadline = deadline.earlier(turn.heard + configuration.longestSilence) }
    guard !waiting.isEmpty, let first = turns.first else { return deadline }
    return deadline.earlier(first.began + configuration.longestTurn)
  }

  /// What has changed since it was told; `nil` when everything has been told.
  public mutating func nextEvent() -> Event? {
    let talkers = self.talkers
    if let index = told.talkers.firstIndex(where: { !talkers.contains($0) }) {
      return .ended(told.talkers.remove(at: index))
    }
    if let newcomer = talkers.first(where: { !told.talkers.contains($0) }) {
      told.talkers.append(newcomer)
      return .began(newcomer)
    }
    guard told.waiting != waiting else { return nil }
    told.waiting = waiting
    return .waiting(waiting)
  }

  private mutating func begin(_ id: ID, at now: Timestamp) {
    turns.append(Turn(id: id, began: now, heard: now))
  }
}
