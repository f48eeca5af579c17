// SPDX-License-Identifier: Apache-2.0
import EventLoop
import JSON
import Testing

@testable import Board

@Suite(.timeLimit(.minutes(2))) struct PushSocketTests {
  private let folder = Folder()

  /// A board with nothing but its socket.
  private struct Station {
    let loop: EventLoop
    let sensors: BoardSensors
    let socket: PushSocket
    let path: String
  }

  private func station(_ name: String = "push", group: String? = nil) async throws -> Station {
    let loop = try EventLoop.start()
    var configuration = BoardConfiguration()
    configuration.findsSensors = false
    let sensors = BoardSensors(configuration, on: loop)
    await sensors.start()
    let path = "\(folder.path)/\(name)"
    let socket = try await sensors.listen(at: path, group: group)
    return Station(loop: loop, sensors: sensors, socket: socket, path: path)
  }

  private func ask(_ station: Station, _ text: String) throws -> String {
    let answer = try LocalExchange.ask(station.path, Array(text.utf8), limit: 8192)
    return String(decoding: answer, as: UTF8.self)
  }

  @Test func `takes lines of several programs, and answers only what is wrong`() async throws {
    let station = try await station()
    #expect(try ask(station, "{\"name\":\"a\",\"value\":1}\n{\"name\":\"b\",\"value\":2}\n") == "")
    #expect(try ask(station, "{\"name\":\"c\",\"value\":3}") == "")
    #expect(try await station.sensors.reading(of: "c")?.get() == 3)
    let refused = try ask(station, "{\"name\":\"a\"}\nnonsense\n{\"name\":\"d\",\"value\":4}\n")
    #expect(refused.utf8.count { $0 == 10 } == 2)
    let first = try #require(PushAnswer(parsing: Array(refused.utf8)))
    #expect(first.description.holds("needs a value"))
    #expect(try await station.sensors.reading(of: "d")?.get() == 4)
    station.loop.stop()
  }

  @Test func `a line that is too long is passed over, and the next one is taken`() async throws {
    let station = try await station()
    let long = String(repeating: "x", count: 100_000)
    let answer = try ask(station, "\(long)\n{\"name\":\"a\",\"value\":1}\n")
    #expect(answer.holds("at most 1024 bytes"))
    #expect(try await station.sensors.reading(of: "a")?.get() == 1)
    station.loop.stop()
  }

  @Test func `a flood of lines is cut off, told once, and hurts no other program`() async throws {
    let station = try await station()
    let flood = String(repeating: "{\"name\":\"a\",\"value\":1}\n", count: 5_000)
    let answer = try ask(station, flood)
    #expect(answer.holds("lines a second"))
    #expect(answer.utf8.count { $0 == 10 } == 1)
    #expect(try ask(station, "{\"name\":\"b\",\"value\":2}\n") == "")
    #expect(try await station.sensors.reading(of: "b")?.get() == 2)
    station.loop.stop()
  }

  @Test func `garbage is answered, but not for ever`() async throws {
    let station = try await station()
    let answer = try ask(station, String(repeating: "garbage\n", count: 150))
    #expect(answer.utf8.count <= 8192)
    #expect(try ask(station, "{\"name\":\"b\",\"value\":2}\n") == "")
    station.loop.stop()
  }

  @Test func `replaces what an ended program has left, but not a living one`() async throws {
    let first = try await station("same")
    await #expect(throws: LocalSocketError.inUse(path: first.path)) {
      _ = try await first.sensors.listen(at: first.path, group: nil)
    }
    // A stale name: the listener has gone without taking it away.
    let stale = "\(folder.path)/stale"
    #expect(leaveSocket(at: stale))
    let replaced = try await first.sensors.listen(at: stale, group: nil)
    #expect(try LocalExchange.ask(stale, Array("{}\n".utf8), limit: 100).isEmpty == false)
    // A file is nobody's socket, and stays.
    try folder.write("precious", to: "file")
    await #expect(throws: LocalSocketError.inUse(path: "\(folder.path)/file")) {
      _ = try await first.sensors.listen(at: "\(folder.path)/file", group: nil)
    }
    #expect(try LocalFile.read("\(folder.path)/file", limit: 100) == Array("precious".utf8))
    withExtendedLifetime(replaced) {}
    first.loop.stop()
  }

  @Test func `is for its user and group only, and says what is wrong`() async throws {
    let station = try await station()
    #expect(mode(of: station.path) == 0o660)
    await #expect(throws: LocalSocketError.noSuchGroup("no-such-group")) {
      _ = try await station.sensors.listen(at: "\(folder.path)/x", group: "no-such-group")
    }
    let long = "\(folder.path)/" + String(repeating: "x", count: 120)
    await #expect(throws: LocalSocketError.tooLong(path: long)) {
      _ = try await station.sensors.listen(at: long, group: nil)
    }
    #expect(throws: LocalSocketError.nobody(path: "/tmp/no/such/socket")) {
      _ = try LocalExchange.ask("/tmp/no/such/socket", [], limit: 1)
    }
    station.loop.stop()
  }

  @Test func `the silent ones give way when there are too many connections`() async throws {
    let station = try await station()
    let idle = (0..<40).map { _ in IdleClient(station.path) }
    #expect(try ask(station, "{\"name\":\"a\",\"value\":1}\n") == "")
    #expect(try await station.sensors.reading(of: "a")?.get() == 1)
    withExtendedLifetime(idle) {}
    station.loop.stop()
  }
}

extension BoardSensors {
  /// Opens a socket on the loop.
  func listen(at path: String, group: String?) throws(LocalSocketError) -> PushSocket {
    try PushSocket(at: path, group: group, for: self)
  }
}
