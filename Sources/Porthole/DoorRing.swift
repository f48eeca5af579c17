// SPDX-License-Identifier: Apache-2.0
internal import Board

/// `porthole ring`: rings on the pages of a running Porthole.
struct DoorRing: Sendable {
  /// What becomes of it.
  enum Outcome: Equatable, Sendable {
    /// It rings, or has been answered: what there is to say.
    case done(String)
    /// Why it does not ring, that it was declined, or that nobody has come: with the exit code.
    case failed(String, code: Int32)
  }

  /// How a call ended that nobody answered.
  static let declined: Int32 = 3
  static let missed: Int32 = 4

  /// A call is over by then, however often it was prolonged: five times the longest time to ring.
  private static let patience = 3_060

  let request: RingRequest
  /// Where it may be said, in the order in which that is tried.
  let places: [String]

  init(_ words: [String], name: String, waits: Bool, _ settings: Settings) throws(UsageError) {
    guard words.isEmpty else {
      throw UsageError("porthole ring takes no \"\(words[0])\": who rings is --name TEXT.")
    }
    request = RingRequest(name: name, waits: waits)
    places = SocketPlace.all(settings)
  }

  /// Rings, and waits for the outcome where that is wanted.
  func ring() -> Outcome {
    let seconds = request.waits ? Self.patience : 5
    switch SocketPlace.ask(places, request.line, seconds: seconds) {
    case .failed(let reason): return .failed(reason, code: 1)
    case .answered(let answer):
      if let refusal = PushAnswer(parsing: answer) {
        return .failed("it does not ring: \(Terminal.plain(refusal.description))", code: 1)
      }
      guard request.waits else { return .done("") }
      return switch RingOutcome(parsing: answer) {
      case .answered(let visitor): .done("visitor \(visitor) has answered\n")
      case .declined(let visitor): .failed("visitor \(visitor) has declined", code: Self.declined)
      case .missed: .failed("nobody has answered", code: Self.missed)
      case nil: .failed("porthole ended, or took too many calls, before anybody answered", code: 1)
      }
    }
  }
}
