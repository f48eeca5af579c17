// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// How many viewers are served, and how long one may take to come.
public struct ViewerLimits: Hashable, Sendable {
  /// Sessions at the same time, those that have not connected yet included.
  public var viewers = 256
  /// Sessions whose peer has not connected yet (T15).
  public var halfOpen = 64
  /// How long a session may take to connect.
  public var connectTime = Duration.seconds(30)

  /// Creates the limits of the program.
  public init() {}
}

/// Who has a place: at most so many sessions, and fewer that have not connected.
///
/// The oldest of those that have not connected gives way to the next, and each goes when its time
/// is over, so that offers which nobody follows up cost nothing for long.
struct ViewerPlaces: Sendable {
  /// The answer to one who asks for a place.
  enum Answer: Hashable {
    /// There is one, once `evicted` has left.
    case admitted(evicted: String?)
    /// There is none.
    case full
  }

  private let limits: ViewerLimits
  /// Those that have not connected, the oldest first.
  private var halfOpen: [(id: String, until: Timestamp)] = []
  private var connected: Set<String> = []

  init(_ limits: ViewerLimits) {
    self.limits = limits
  }

  /// How many have a place.
  var count: Int { halfOpen.count + connected.count }

  /// Whether one more would get a place.
  var hasRoom: Bool { count < limits.viewers }

  /// When `expired` is to be asked next.
  var deadline: Timestamp? { halfOpen.first?.until }

  /// Gives `id` a place.
  mutating func admit(_ id: String, at now: Timestamp) -> Answer {
    guard hasRoom else { return .full }
    let evicted = halfOpen.count >= limits.halfOpen ? halfOpen.first?.id : nil
    if evicted != nil { halfOpen.removeFirst() }
    halfOpen.append((id, now + limits.connectTime))
    return .admitted(evicted: evicted)
  }

  /// Notes that the peer of `id` has come.
  mutating func connect(_ id: String) {
    guard let index = halfOpen.firstIndex(where: { $0.id == id }) else { return }
    halfOpen.remove(at: index)
    connected.insert(id)
  }

  /// Frees the place of `id`.
  mutating func remove(_ id: String) {
    connected.remove(id)
    halfOpen.removeAll { $0.id == id }
  }

  /// Frees and answers the places of those whose time is over.
  mutating func expired(at now: Timestamp) -> [String] {
    let late = halfOpen.prefix { $0.until <= now }.map(\.id)
    halfOpen.removeFirst(late.count)
    return late
  }
}
