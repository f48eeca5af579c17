// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import JSON
internal import WebRTC
internal import Wire

/// Shows what a visitor writes to all who are there, and keeps nothing.
///
/// A visitor sends plain text. Every message of the device is a JSON object:
///
///     {"you": 7, "text": "…"}       the greeting, and the visitor's number
///     {"from": 7, "text": "…"}      what the visitor of that number has written
///     {"error": "…"}                why what was written is not shown
actor MessageBoard: ChannelService, EventLoopActor {
  /// Bytes of a text at most.
  private static let maximumText = 2_000
  /// Texts at once, and how soon there may be another.
  private static let maximumBurst = 8
  private static let interval = Duration.seconds(1)
  /// Bytes that wait for a visitor who does not read, above which more are not shown to that one.
  private static let maximumBuffered = 1 << 16

  private struct Visitor {
    let channel: RTCDataChannel
    /// When a text is next for free; each one moves it on.
    var paidUntil: Timestamp
  }

  nonisolated let loop: EventLoop
  private var visitors: [UInt64: Visitor] = [:]

  init(on loop: EventLoop) {
    self.loop = loop
  }

  func serve(_ channel: RTCDataChannel, of visitor: UInt64) async {
    guard visitors[visitor] == nil else { return await channel.close() }
    visitors[visitor] = Visitor(channel: channel, paidUntil: loop.now)
    for await event in channel.events {
      switch event {
      case .open: await greet(visitor)
      case .message(.text(let text)): await take(text, from: visitor)
      case .message(.binary): await send(["error": "Only text can be shown."], to: channel)
      case .bufferedAmountLow, .error, .closing, .close: break
      }
    }
    visitors[visitor] = nil
  }

  private func greet(_ number: UInt64) async {
    guard let visitor = visitors[number] else { return }
    let others = visitors.count - 1
    let company =
      others == 0
      ? "Nobody else is here" : others == 1 ? "1 other is here" : "\(others) others are here"
    let text =
      "Hello, visitor \(number). \(company); what you write is shown to all, and kept nowhere."
    await send(
      ["you": .integer(Int64(clamping: number)), "text": .string(text)],
      to: visitor.channel
    )
  }

  private func take(_ text: String, from number: UInt64) async {
    guard let visitor = visitors[number] else { return }
    if let refusal = refusal(of: text, from: number) {
      return await send(["error": .string(refusal)], to: visitor.channel)
    }
    let message: JSONObject = [
      "from": .integer(Int64(clamping: number)), "text": .string(text),
    ]
    for other in visitors.values { await send(message, to: other.channel) }
  }

  private func refusal(of text: String, from number: UInt64) -> String? {
    guard text.utf8.count <= Self.maximumText else {
      return "A message has \(Self.maximumText) bytes at most."
    }
    guard text.utf8.contains(where: { $0 > 0x20 }) else { return "The message is empty." }
    let now = loop.now
    let due = max(visitors[number]?.paidUntil ?? now, now)
    guard due - now < Self.interval * Self.maximumBurst else {
      return "That was fast: wait a moment."
    }
    visitors[number]?.paidUntil = due + Self.interval
    return nil
  }

  /// Sends to who reads; who does not misses it.
  private func send(_ message: JSONObject, to channel: RTCDataChannel) async {
    guard await channel.bufferedAmount <= Self.maximumBuffered else { return }
    try? await channel.send(JSONValue.object(message).description)
  }
}
