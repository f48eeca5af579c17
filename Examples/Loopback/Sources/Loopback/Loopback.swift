// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// Two connections in one program: one sends the test pattern, the other receives it.
///
/// With the address of a Porthole's `/ws`, its camera is watched instead.
@main struct Loopback {
  static func main() async throws {
    let loop = try EventLoop.start()
    if CommandLine.arguments.count == 2 {
      return try await watch(CommandLine.arguments[1], pictures: 30, on: loop)
    }
    try await tryCameras(on: loop)
    try await call(on: loop)
    try await negotiate(on: loop)
    try await talk(on: loop)
  }

  /// The steps of a call, one after another.
  static func call(on loop: EventLoop) async throws {
    let caller = Caller(on: loop)
    let callee = Callee(on: loop)
    let frames = try await callee.answer(to: caller)
    var count = 0
    for await frame in frames {
      count += 1
      print("picture \(frame.number): \(frame.bytes.count) bytes, keyframe: \(frame.isKeyframe)")
      if count == 30 { break }
    }
    try await caller.printStatistics()
    await caller.close()
    await callee.close()
    print("\(count) pictures received")
  }

  /// Two sides that need no plan who calls whom.
  static func negotiate(on loop: EventLoop) async throws {
    let polite = Negotiator(isPolite: true, on: loop)
    let impolite = Negotiator(isPolite: false, on: loop)
    try await polite.connection.addTransceiver(.video)
    try await withThrowingTaskGroup(of: Bool.self) { sides in
      sides.addTask { try await polite.talk(to: impolite) }
      sides.addTask { try await impolite.talk(to: polite) }
      print("negotiated: \(try await sides.reduce(true) { $0 && $1 })")
    }
    await polite.connection.close()
    await impolite.connection.close()
  }

  /// Messages, and no media.
  static func talk(on loop: EventLoop) async throws {
    let asking = Talker(on: loop)
    let echoing = Talker(on: loop)
    let echo = Task { try await echoing.echo() }
    print("echoed: \(try await asking.ask("hello", of: echoing) ?? "nothing")")
    await asking.close()
    try await echo.value
    await echoing.close()
  }
}
