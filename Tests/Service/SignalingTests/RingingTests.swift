// SPDX-License-Identifier: Apache-2.0
import Board
import EventLoop
import JSON
import Ringing
import Signaling
import Testing
import WebRTC

extension SignalingMessage {
  /// What this tells of the bell, if it does.
  fileprivate var bell: JSONValue? {
    guard case .other("bell", let json) = self else { return nil }
    return try? JSONValue(parsing: json)
  }
}

extension Friend {
  fileprivate static func connected(to desk: Desk) async throws -> Friend {
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    try await friend.offer()
    try await friend.receive(2)
    return friend
  }

  /// Waits until the bell is told to be in `state`; answers all that was told then.
  fileprivate func hearBell(_ state: String) async throws -> JSONValue {
    try await hear { $0.bell?["state"]?.string == state }
    return heard.compactMap(\.bell).last { $0["state"]?.string == state } ?? .null
  }

  fileprivate func wish(_ verb: String, _ call: Int) async {
    await say(.other(name: "bell", json: "{\"\(verb)\":\(call)}"))
  }
}

@Suite(.timeLimit(.minutes(1))) struct RingingTests {
  @Test func `it rings with everybody, one answers, and the others are told who`() async throws {
    let desk = try await Desk.make()
    let first = try await Friend.connected(to: desk)
    #expect(await desk.controls.bell.ring("Front door") == .rings(1))
    let told = try await first.hearBell("ringing")
    #expect(told["name"] == "Front door" && told["call"] == 1 && told["you"] == nil)
    // Who comes later is told at once.
    let second = try await Friend.connected(to: desk)
    _ = try await second.hearBell("ringing")
    await second.wish("answer", 2)
    await second.wish("answer", 1)
    let won = try await second.hearBell("answered")
    #expect(won["you"] == true && won["by"] == 2)
    let lost = try await first.hearBell("answered")
    #expect(lost["you"] == false && lost["by"] == 2)
    await first.wish("decline", 1)
    let stats = try JSONValue(parsing: await desk.ask("GET", "/stats").text)
    #expect(stats["bell"]?["state"] == "answered" && stats["bell"]?["by"] == 2)
    #expect(stats["bell"]?["refused"] == 0)
    // What is over is not told to who comes now.
    let third = try await Friend.connected(to: desk)
    #expect(await !third.heard.contains { $0.bell != nil })
    for friend in [first, second, third] { await friend.stop() }
    await desk.close()
  }

  @Test func `one declines for all, and garbage changes nothing`() async throws {
    let desk = try await Desk.make()
    let friends = [try await Friend.connected(to: desk), try await Friend.connected(to: desk)]
    _ = await desk.controls.bell.ring("")
    for friend in friends { _ = try await friend.hearBell("ringing") }
    for json in [
      "null", "[]", "7", "{}", #"{"answer":-1}"#, #"{"answer":"1"}"#, #"{"answer":1e99}"#,
    ] {
      await friends[0].say(.other(name: "bell", json: json))
    }
    await friends[0].wish("decline", 1)
    #expect(try await friends[0].hearBell("declined")["you"] == true)
    #expect(try await friends[1].hearBell("declined")["you"] == false)
    for friend in friends { await friend.stop() }
    await desk.close()
  }
}
