// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop
internal import JSON
internal import Ringing

/// The bell, over the peer's line:
///
/// - `bell` tells of a call that begins, and of one that rings when the peer comes:
///   `{"call": 3, "name": "Front door", "state": "ringing", "seconds": 0}`, and how it has ended: `answered` or
///   `declined`, with the number of the peer who did it as `by` and whether that is this one as `you`, or
///   `missed`.
/// - `bell` from the peer answers a call or declines it for all: `{"answer": 3}`, `{"decline": 3}`; it may be
///   any peer that has a session.
extension SignalingSession {
  /// Begins to tell of calls.
  func followBell() {
    guard let bell else { return }
    let (follower, call) = bell.assumeIsolated { bell in
      let follower = bell.follow { [weak self] call in self?.assumeIsolated { $0.tell(call) } }
      return (follower, bell.call)
    }
    bellFollower = follower
    if let call, call.isRinging { tell(call) }
  }

  /// Ends that.
  func leaveBell() {
    guard let bellFollower else { return }
    bell?.assumeIsolated { $0.leave(bellFollower) }
    self.bellFollower = nil
  }

  /// The peer answers or declines.
  func takeBell(_ wish: JSONValue) {
    guard let visitor = number else { return }
    if let call = wish["answer"]?.integer {
      bell?.assumeIsolated { $0.answer(UInt64(clamping: call), by: visitor) }
    } else if let call = wish["decline"]?.integer {
      bell?.assumeIsolated { $0.decline(UInt64(clamping: call), by: visitor) }
    }
  }

  /// The number by which others know the peer; `nil` before it has a session.
  private var number: UInt64? {
    guard let id else { return nil }
    return viewers.assumeIsolated { $0.sessions[id]?.order }
  }

  private func tell(_ call: Doorbell.Call) {
    var members = BellReport.members(of: call, at: loop.now)
    if let visitor = call.visitor { members["you"] = .bool(visitor == number) }
    send("bell", .object(members))
  }
}
