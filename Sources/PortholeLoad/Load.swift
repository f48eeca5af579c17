// SPDX-License-Identifier: Apache-2.0
internal import Checks
internal import DTLS
internal import EventLoop
internal import Wire

/// `porthole-load PORT TOKEN VIEWERS SECONDS`: joins on this machine, a few at a time, watches, and tells.
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
  /// How many join at a time: a server may drop those that are too many before they are connected.
  private static let joining = 16

  private let loop: EventLoop
  private var viewers: [LoadViewer] = []
  private var started = 0

  init(on loop: EventLoop, server: SocketAddress, token: String, count: Int) throws {
    self.loop = loop
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
    for _ in 0..<Self.joining { startNext() }
  }

  private func startNext() {
    guard started < viewers.count else { return }
    let viewer = viewers[started]
    started += 1
    viewer.onSettled = { [weak self] in self?.startNext() }
    viewer.start()
  }

  /// One line of JSON: what all have seen together.
  func report(seconds: Int) {
    let connected = viewers.filter { $0.firstFrame != nil }
    let times = connected.compactMap(\.firstFrame).sorted()
    let rates = viewers.map { $0.rate(at: loop.now) }.sorted()
    func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    let packets = viewers.reduce(0) { $0 + $1.packets }
    func at(_ part: Double) -> String {
      guard !times.isEmpty else { return "null" }
      let index = min(times.count - 1, Int(Double(times.count) * part))
      return "\((times[index].inSeconds * 10_000).rounded() / 10)"
    }
    LocalProcess.print(
      """
      {"viewers": \(viewers.count), "connected": \(connected.count), "seconds": \(seconds), \
      "rateLeast": \(rounded(rates[0])), "rateMedian": \(rounded(rates[rates.count / 2])), \
      "packets": \(packets), "firstFrameP50": \(at(0.5)), "firstFrameP95": \(at(0.95))}

      """
    )
  }
}
