// SPDX-License-Identifier: Apache-2.0
internal import Checks
internal import DTLS
internal import EventLoop
internal import Wire

/// `porthole-load PORT TOKEN VIEWERS SECONDS`: joins all at once on this machine, watches, and tells.
enum Load {
  static func run() {
    let words = CommandLine.arguments
    guard words.count == 5, let port = UInt16(words[1]), let count = Int(words[3]),
      let seconds = Int(words[4]), count > 0, seconds > 0
    else {
      LocalProcess.printError(
        "usage: porthole-load PORT TOKEN VIEWERS SECONDS   "
          + "watches http://127.0.0.1:PORT with so many viewers\n"
      )
      LocalProcess.exit(2)
    }
    do {
      let loop = try EventLoop()
      let session = try LoadSession(
        on: loop,
        server: SocketAddress(.v4(0x7F00_0001), port: port),
        token: words[2],
        count: count
      )
      loop.post { session.start() }
      loop.post {
        _ = loop.schedule(at: loop.now + .seconds(seconds)) {
          session.report(seconds: seconds)
          loop.stop()
        }
      }
      loop.run()
    } catch {
      LocalProcess.printError("porthole-load: \(error)\n")
      LocalProcess.exit(1)
    }
  }
}

/// All viewers of one run.
final class LoadSession: @unchecked Sendable {
  private var viewers: [LoadViewer] = []

  init(on loop: EventLoop, server: SocketAddress, token: String, count: Int) throws {
    var random = RandomSource.system
    let identity = try DTLSIdentity.make(using: &random)
    let usable = NetworkInterfaces.usable().map(\.address).first { !$0.isV6 }
    let address = usable ?? server.ip
    for _ in 0..<count {
      viewers.append(
        LoadViewer(on: loop, server: server, token: token, identity: identity, address: address)
      )
    }
  }

  func start() {
    for viewer in viewers { viewer.start() }
  }

  /// One line of JSON: what all have seen together.
  func report(seconds: Int) {
    let connected = viewers.filter { $0.firstFrame != nil }
    let times = connected.compactMap(\.firstFrame).sorted()
    let frames = viewers.map(\.frames).sorted()
    let packets = viewers.reduce(0) { $0 + $1.packets }
    func at(_ part: Double) -> String {
      guard !times.isEmpty else { return "null" }
      let index = min(times.count - 1, Int(Double(times.count) * part))
      return "\((times[index].inSeconds * 10_000).rounded() / 10)"
    }
    LocalProcess.print(
      """
      {"viewers": \(viewers.count), "connected": \(connected.count), "seconds": \(seconds), \
      "framesLeast": \(frames.first ?? 0), "framesMedian": \(frames[frames.count / 2]), \
      "packets": \(packets), "firstFrameP50": \(at(0.5)), "firstFrameP95": \(at(0.95))}

      """
    )
  }
}
