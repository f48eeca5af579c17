// SPDX-License-Identifier: Apache-2.0
import EventLoop
import HTTP
import JSON
import Signaling
import Testing
import WebRTC

extension SignalingMessage {
  /// The JSON of a message called `name`, if this is one.
  fileprivate func value(of name: String) -> JSONValue? {
    guard case .other(name, let json) = self else { return nil }
    return try? JSONValue(parsing: json)
  }

  /// How the peer stands, if this tells it.
  fileprivate var standing: String? { value(of: "talking")?["you"]?.string }
}

extension Friend {
  /// A friend whose connection with `desk` stands.
  fileprivate static func connected(to desk: Desk) async throws -> Friend {
    let friend = try Friend()
    try await friend.dial(try await desk.listen())
    try await friend.offer()
    try await friend.receive(2)
    return friend
  }

  fileprivate func talk(_ wants: Bool) async {
    await say(.other(name: "talk", json: wants ? "true" : "false"))
  }
}

@Suite(.timeLimit(.minutes(1))) struct TalkingTests {
  @Test func `one is heard, the next one waits, and follows when the first has gone`() async throws
  {
    let desk = try await Desk.make(speaker: .test)
    let first = try await Friend.connected(to: desk)
    let second = try await Friend.connected(to: desk)
    await first.talk(true)
    try await first.hear { $0.standing == "talking" }
    await second.talk(true)
    try await second.hear { $0.standing == "waiting" }
    let told = await second.heard.compactMap { $0.value(of: "talking") }.last
    #expect(told?["talkers"]?[0]?.integer == 1 && told?["waiting"]?[0]?.integer == 2)
    await first.hangUp()
    try await second.hear { $0.standing == "talking" }
    await second.forget()
    await second.talk(false)
    try await second.hear { $0.standing == "absent" }
    await second.hangUp()
    for friend in [first, second] { await friend.stop() }
    await desk.close()
  }

  @Test func `asking to be heard where there is no loudspeaker changes nothing`() async throws {
    let desk = try await Desk.make()
    let friend = try await Friend.connected(to: desk)
    await friend.talk(true)
    try await friend.receive(2)
    let heard = await friend.heard
    #expect(!heard.contains { $0.standing != nil || $0.failure != nil })
    #expect(!heard.contains { $0.value(of: "sound") != nil })
    await friend.stop()
    await desk.close()
  }

  @Test func `a card that is not there is told everywhere, and the pictures come`() async throws {
    let desk = try await Desk.make(
      microphone: .device(name: "hw:CARD=NoSuchCard,DEV=0"),
      speaker: .device(name: "hw:CARD=NoOtherCard,DEV=0")
    )
    let friend = try await Friend.connected(to: desk)
    try await friend.hear { message in
      let sound = message.value(of: "sound")
      return sound?["speaker"]?["problem"]?.string?.holds("NoOtherCard") == true
        && sound?["microphone"]?["problem"]?.string?.holds("NoSuchCard") == true
    }
    let health = await desk.ask("GET", "/health", token: nil)
    #expect(health.status == 503)
    #expect(health.text.holds("microphone hw:CARD=NoSuchCard"), "\(health.text)")
    #expect(health.text.holds("speaker hw:CARD=NoOtherCard"), "\(health.text)")
    let stats = try JSONValue(parsing: await desk.ask("GET", "/stats").text)
    #expect(stats["microphone"]?["problem"]?.string?.holds("NoSuchCard") == true)
    #expect(stats["speaker"]?["talkers"]?.array?.isEmpty == true)
    try await friend.receive(2)
    await friend.stop()
    await desk.close()
  }
}
