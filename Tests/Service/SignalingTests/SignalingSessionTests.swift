// SPDX-License-Identifier: Apache-2.0
import EventLoop
import JSON
import Signaling
import Synchronization
import Testing
import WebRTC

extension Desk {
  /// A count of the first peer in `/stats`; -1 when there is none.
  fileprivate nonisolated func count(_ name: String) async throws -> Int64 {
    let stats = try JSONValue(parsing: await ask("GET", "/stats").text)
    return stats["peers"]?[0]?[name]?.integer ?? -1
  }

  /// Waits until so many peers are there.
  fileprivate nonisolated func peersBecome(_ count: Int64) async throws {
    while try JSONValue(parsing: await ask("GET", "/stats").text)["viewers"]?.integer != count {
      try await loop.sleep(for: .milliseconds(1))
    }
  }

  /// Waits until the first peer's count is at least `least`.
  fileprivate nonisolated func count(_ name: String, reaches least: Int64) async throws {
    while try await count(name) < least { try await loop.sleep(for: .milliseconds(1)) }
  }
}

@Suite(.timeLimit(.minutes(1))) struct SignalingSessionTests {
  @Test func `answers a caller, and pictures flow both ways until it hangs up`() async throws {
    let desk = try await Desk.make()
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    try await friend.offer()
    try await friend.receive(10)
    try await desk.count("framesReceived", reaches: 10)
    let answer = try #require(await friend.heard.compactMap(\.answer).first)
    #expect(answer.holds("a=sendrecv") && answer.holds("a=candidate:"))
    #expect(await !friend.heard.contains(.candidate(nil)), "the answer has all candidates")
    await friend.hangUp()
    try await desk.peersBecome(0)
    await friend.stop()
    await desk.close()
  }

  @Test func `makes the offer when it is called, and lets its candidates follow`() async throws {
    let desk = try await Desk.make()
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    await friend.say(.call)
    try await friend.receive(10)
    try await desk.count("framesReceived", reaches: 10)
    let heard = await friend.heard
    let offer = try #require(heard.compactMap(\.offer).first)
    #expect(offer.holds("a=setup:actpass") && offer.holds("a=sendrecv"))
    #expect(!offer.holds("a=candidate:"))
    let isCandidate = heard.map { message in
      if case .candidate = message { true } else { false }
    }
    #expect(isCandidate.count { $0 } >= 2)
    #expect(heard.last { if case .candidate = $0 { true } else { false } } == .candidate(nil))
    #expect(heard.firstIndex { $0.offer != nil } ?? .max < isCandidate.firstIndex(of: true) ?? 0)
    #expect(try await desk.count("framesSent") > 0)
    await friend.hangUp()
    try await desk.peersBecome(0)
    await friend.stop()
    await desk.close()
  }

  @Test func `takes up the exchange again from either side`() async throws {
    let desk = try await Desk.make()
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    await friend.say(.call)
    try await friend.receive(5)
    await friend.forget()
    await friend.say(.call)
    try await friend.hear { $0.offer != nil }
    try await friend.receive(5)
    await friend.forget()
    try await friend.offer()
    try await friend.hear { $0.answer != nil }
    try await friend.receive(5)
    #expect(await friend.heard.compactMap(\.failure) == [])
    try await desk.peersBecome(1)
    await friend.stop()
    await desk.close()
  }

  @Test func `passes over an offer that crosses its own`() async throws {
    let desk = try await Desk.make()
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    // Both are on their way before the first answer can be.
    await friend.say(.call)
    try await friend.offer()
    try await friend.receive(5)
    try await desk.count("framesReceived", reaches: 5)
    #expect(await friend.heard.compactMap(\.answer) == [])
    #expect(await friend.heard.compactMap(\.failure) == [])
    #expect(await friend.heard.compactMap(\.offer).count == 1)
    try await desk.peersBecome(1)
    await friend.stop()
    await desk.close()
  }

  @Test func `says what is wrong with an answer, and takes the peer's offer after it`()
    async throws
  {
    let desk = try await Desk.make()
    let friend = try Friend()
    try await friend.dial(try await desk.listen(), answers: false)
    await friend.say(.description(.init(type: .answer, sdp: "v=0")))
    try await friend.hear { $0.failure?.holds("no offer") == true }
    await friend.say(.call)
    try await friend.hear { $0.offer != nil }
    await friend.say(.description(.init(type: .answer, sdp: "nonsense")))
    try await friend.hear { $0.failure?.holds("line 1") == true }
    try await friend.offer()
    try await friend.hear { $0.answer != nil }
    try await friend.receive(5)
    await friend.stop()
    await desk.close()
  }

  @Test func `ends a session that is called and never answered`() async throws {
    var limits = ViewerLimits()
    limits.connectTime = .milliseconds(50)
    let desk = try await Desk.make(limits: limits)
    let friend = try Friend()
    try await friend.dial(try await desk.listen(), answers: false)
    await friend.say(.call)
    try await friend.hear { $0.offer != nil }
    try await desk.peersBecome(0)
    await friend.stop()
    await desk.close()
  }

  @Test func `says that there is no camera to call`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    await friend.say(.call)
    try await friend.hear { $0.failure?.holds("without a camera") == true }
    await friend.stop()
    await desk.close()
  }

  @Test func `ends a line whose messages come faster than they can be answered`() async throws {
    let desk = try await Desk.make()
    let friend = try Friend()
    try await friend.dial(try await desk.listen(), answers: false)
    // While the service's thread is held up, so that all of them wait for it.
    let isHeld = Held()
    desk.loop.post { while isHeld.value.load(ordering: .acquiring) {} }
    for _ in 0..<2_000 { await friend.say(.call) }
    isHeld.value.store(false, ordering: .releasing)
    try await friend.hear { message in
      if case .closed(let code, _) = message { code == 1_008 } else { false }
    }
    try await desk.peersBecome(0)
    await friend.stop()
    await desk.close()
  }
}

/// Whether a thread is to wait.
private final class Held: Sendable {
  let value = Atomic(true)
}
