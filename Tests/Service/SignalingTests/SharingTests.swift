// SPDX-License-Identifier: Apache-2.0
import EventLoop
import JSON
import Signaling
import Testing
import WebRTC

extension SignalingMessage {
  /// What a peer is told that others share, if this tells it.
  fileprivate var shared: JSONValue? {
    guard case .other("shared", let json) = self else { return nil }
    return try? JSONValue(parsing: json)
  }

  fileprivate static func other(_ name: String, _ value: JSONValue) -> SignalingMessage {
    .other(name: name, json: value.description)
  }
}

extension Desk {
  /// Waits until the peers' shares, in the order of the peers, are seen by so many others.
  fileprivate nonisolated func sharesBecome(_ wanted: [[Int64]]) async throws {
    while true {
      let stats = try JSONValue(parsing: await ask("GET", "/stats").text)
      let peers = stats["peers"]?.array ?? []
      let shares = peers.map { peer in
        (peer["shares"]?.array ?? []).compactMap { $0["viewers"]?.integer }
      }
      if shares == wanted { return }
      try await loop.sleep(for: .milliseconds(1))
    }
  }
}

extension Friend {
  /// A friend whose connection with `desk` stands.
  fileprivate static func connected(to desk: Desk) async throws -> Friend {
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    try await friend.offer()
    try await friend.receive(5)
    return friend
  }
}

@Suite(.timeLimit(.minutes(1))) struct SharingTests {
  @Test func `shows what a peer sends to one who has joined, until the peer leaves`() async throws {
    let desk = try await Desk.make()
    let first = try Friend()
    try await first.dial(try await desk.listen())
    await first.say(.other("sharing", ["0": "screen"]))
    try await first.offer()
    try await first.receive(5)
    let second = try await Friend.connected(to: desk)
    await second.say(.other("join", [:]))
    try await second.hear { $0.shared?[0] != nil }
    let row = try #require(await second.heard.compactMap(\.shared).last?[0])
    #expect(row["as"]?.string == "screen" && row["kind"]?.string == "video")
    #expect(row["from"]?.integer == 1)
    let mid = try #require(row["mid"]?.string)
    try await second.hear { $0.offer?.holds("a=mid:\(mid)\r\n") == true }
    let offer = try #require(await second.heard.compactMap(\.offer).last)
    #expect(offer.holds("a=sendrecv") && offer.holds("a=sendonly"))
    try await desk.sharesBecome([[1], [0]])
    try await second.receive(60)
    await second.forget()
    await first.hangUp()
    try await second.hear { $0.shared == [] }
    try await second.hear { $0.offer?.holds("a=inactive") == true }
    try await desk.sharesBecome([[0]])
    // The answer to that offer is in before a fresh picture is.
    try await second.receive(5)
    #expect(await second.heard.compactMap(\.failure) == [])
    await second.forget()
    // The same m-line serves the next one.
    let third = try Friend()
    try await third.dial(try await desk.listen())
    try await third.offer()
    try await second.hear { $0.shared?[0]?["mid"]?.string == mid }
    #expect(await second.heard.compactMap(\.shared).last?[0]?["from"]?.integer == 3)
    #expect(await second.heard.compactMap(\.shared).last?[0]?["as"]?.string == "camera")
    try await desk.sharesBecome([[0], [1]])
    for friend in [first, second, third] { await friend.stop() }
    await desk.close()
  }

  @Test func `refuses a third picture of one peer in words, and goes on sending it the camera`()
    async throws
  {
    let desk = try await Desk.make()
    let friend = try Friend()
    try await friend.dial(try await desk.listen(), extra: 2)
    try await friend.offer()
    try await friend.receive(5)
    try await desk.sharesBecome([[0, 0]])
    try await friend.sendBack()
    try await friend.hear { $0.failure?.holds("You share 2 cameras") == true }
    try await friend.receive(5)
    await friend.say(.other("join", [:]))
    // The next offer tells the peer that the camera's m-line takes nothing.
    try await friend.hear { $0.offer?.holds("a=sendonly") == true }
    try await friend.receive(5)
    try await desk.sharesBecome([[0, 0]])
    #expect(await friend.heard.compactMap(\.failure).count == 1)
    await friend.stop()
    await desk.close()
  }

  @Test func `shows nothing to one who has not asked`() async throws {
    let desk = try await Desk.make()
    let first = try await Friend.connected(to: desk)
    let second = try await Friend.connected(to: desk)
    try await desk.sharesBecome([[0], [0]])
    for friend in [first, second] {
      #expect(await friend.heard.allSatisfy { $0.offer == nil && $0.shared == nil })
      await friend.stop()
    }
    await desk.close()
  }
}
