// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// Two connections in one program: one sends the test pattern, the other receives it.
@main struct Loopback {
  static func main() async throws {
    let loop = try EventLoop.start()
    let caller = Caller(on: loop)
    let callee = Callee(on: loop)
    let frames = try await callee.answer(to: caller)
    var count = 0
    for await frame in frames {
      count += 1
      print("picture \(frame.number): \(frame.bytes.count) bytes, keyframe: \(frame.isKeyframe)")
      if count == 30 { break }
    }
    await caller.printStatistics()
    await caller.close()
    await callee.close()
    print("\(count) pictures received")
  }
}
