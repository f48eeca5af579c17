// SPDX-License-Identifier: Apache-2.0
public import Wire

/// The bell of a board: one call at a time, which rings until somebody answers or declines, or its time
/// is over.
///
/// After each call and at each `deadline` call `advance`, then `nextEvent` until it answers `nil`.
public struct Doorbell: Sendable {
  /// How long and how often it rings.
  public struct Configuration: Hashable, Sendable {
    /// How long a call rings after the last pressing.
    public var ringTime: Duration = .seconds(30)
    /// A call that is pressed for again and again ends after so many of these times.
    public var maximumRingTimes = 5
    /// Calls that may come at once.
    public var maximumBurst = 5
    /// How soon there may be another one then.
    public var recovery: Duration = .seconds(10)

    /// Creates the configuration of the program.
    public init() {}
  }

  /// How a call stands.
  public enum State: Hashable, Sendable {
    /// It rings.
    case ringing(until: Timestamp)
    /// A visitor has answered.
    case answered(by: UInt64)
    /// A visitor has declined.
    case declined(by: UInt64)
    /// Nobody has done either in time.
    case missed
  }

  /// One ringing, with what became of it.
  public struct Call: Hashable, Sendable {
    /// Numbers the calls, from 1.
    public let number: UInt64
    /// Who rings, for people; may be empty.
    public let name: String
    /// When it began.
    public let began: Timestamp
    /// How it stands.
    public internal(set) var state: State

    /// Whether it still rings.
    public var isRinging: Bool {
      if case .ringing = state { true } else { false }
    }
  }

  /// What ringing comes to.
  public enum Ring: Hashable, Sendable {
    /// It rings, from now on or for longer: the call of this number.
    case rings(UInt64)
    /// It has rung too often of late.
    case refused
  }

  /// The configuration given at the beginning.
  public let configuration: Configuration
  /// The last call; `nil` before the first one.
  public private(set) var call: Call?
  /// How often ringing was refused.
  public private(set) var refused: UInt64 = 0

  /// When a call is next for free; each one moves it on.
  private var paidUntil = Timestamp.distantPast
  /// What was told of the last call.
  private var told: (number: UInt64, isOver: Bool) = (0, false)

  /// Creates a bell that has never rung.
  public init(_ configuration: Configuration = .init()) {
    self.configuration = configuration
  }

  /// Somebody called `name` rings; while it rings already, that only makes it ring for longer.
  public mutating func ring(_ name: String, at now: Timestamp) -> Ring {
    advance(to: now)
    if let call, case .ringing = call.state {
      let longest = configuration.ringTime * max(1, configuration.maximumRingTimes)
      let until = min(now + configuration.ringTime, call.began + longest)
      self.call?.state = .ringing(until: until)
      return .rings(call.number)
    }
    let due = max(paidUntil, now)
    guard due - now <= configuration.recovery * max(0, configuration.maximumBurst - 1) else {
      refused &+= 1
      return .refused
    }
    paidUntil = due + configuration.recovery
    let number = (call?.number ?? 0) &+ 1
    let state = State.ringing(until: now + configuration.ringTime)
    call = Call(number: number, name: name, began: now, state: state)
    return .rings(number)
  }

  /// `visitor` answers the call of `number`; without effect on one that rings no longer.
  public mutating func answer(_ number: UInt64, by visitor: UInt64, at now: Timestamp) {
    end(number, .answered(by: visitor), at: now)
  }

  /// `visitor` declines the call of `number`; without effect on one that rings no longer.
  public mutating func decline(_ number: UInt64, by visitor: UInt64, at now: Timestamp) {
    end(number, .declined(by: visitor), at: now)
  }

  private mutating func end(_ number: UInt64, _ state: State, at now: Timestamp) {
    advance(to: now)
    guard let call, call.number == number, call.isRinging else { return }
    self.call?.state = state
  }

  /// Ends a call whose time is over.
  public mutating func advance(to now: Timestamp) {
    guard case .ringing(let until)? = call?.state, now >= until else { return }
    call?.state = .missed
  }

  /// When to call `advance` next; `nil` while it does not ring.
  public var deadline: Timestamp? {
    guard case .ringing(let until)? = call?.state else { return nil }
    return until
  }

  /// A call that has begun or ended since that was told; `nil` when everything has been told.
  ///
  /// That it rings for longer is no event.
  public mutating func nextEvent() -> Call? {
    guard let call, told != (call.number, !call.isRinging) else { return nil }
    told = (call.number, !call.isRinging)
    return call
  }
}
