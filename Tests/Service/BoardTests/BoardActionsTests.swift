// SPDX-License-Identifier: Apache-2.0
import EventLoop
import JSON
import Testing

@testable import Board

@Suite(.timeLimit(.minutes(2))) struct BoardActionsTests {
  private func run(
    _ command: [String],
    time: Duration = .seconds(30)
  ) async throws -> JSONValue {
    let loop = try EventLoop.start()
    let controls = controls([ActionConfiguration(name: "it", command: command, time: time)], loop)
    let answer = try await press(controls, "it")
    await controls.close()
    loop.stop()
    return answer
  }

  private func controls(_ actions: [ActionConfiguration], _ loop: EventLoop) -> BoardControls {
    var configuration = BoardConfiguration()
    configuration.actions = actions
    #expect(configuration.faults == [])
    return BoardControls(configuration, on: loop)
  }

  private func press(_ controls: BoardControls, _ name: String) async throws -> JSONValue {
    let request: JSONValue = [
      "jsonrpc": "2.0", "id": 1, "method": "controls.press",
      "params": ["id": .string("action.\(name)")],
    ]
    let answer = await controls.answer(request.utf8, mayControl: true)
    return try JSONValue(parsing: try #require(answer))
  }

  @Test func `tells the status and what the program said`() async throws {
    let answer = try await run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
    #expect(answer["result"]?["status"] == 3)
    #expect(answer["result"]?["output"] == "out\nerr\n")
    #expect(answer["result"]?["late"] == false)
  }

  @Test func `no shell reads the words`() async throws {
    let word = "$(id) ; `id` | id > x * ~ \" '"
    let answer = try await run(["/bin/echo", word, "$HOME"])
    #expect(answer["result"]?["output"] == .string("\(word) $HOME\n"))
  }

  @Test func `has a session of its own, nothing to read, and no descriptor or variable of ours`()
    async throws
  {
    let script = """
      echo $$ $(ps -o pgid= -o sid= -p $$); ls /proc/self/fd | sort -n | tr '\\n' ' '; echo
      readlink /proc/self/fd/0; pwd; env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= | sort
      """
    let answer = try await run(["/bin/sh", "-c", script])
    let lines = (answer["result"]?["output"]?.string ?? "").utf8.split(separator: 10)
      .map { String(decoding: Array($0), as: UTF8.self) }
    try #require(lines.count == 6, "\(lines)")
    let numbers = lines[0].utf8.split(separator: 32).map {
      String(decoding: Array($0), as: UTF8.self)
    }
    #expect(Set(numbers).count == 1)
    // 3 is the folder that ls itself reads.
    #expect(lines[1] == "0 1 2 3 ")
    #expect(lines[2] == "/dev/null")
    #expect(lines[3] == "/")
    #expect(lines[4] == "LANG=C.UTF-8")
    #expect(lines[5] == "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
  }

  @Test func `is ended in time, with all that it started`() async throws {
    let folder = Folder()
    let script =
      "(sleep 1000; echo late >\(folder.path)/late) & echo $! >\(folder.path)/child; wait"
    let answer = try await run(["/bin/sh", "-c", script], time: .milliseconds(500))
    #expect(answer["result"]?["late"] == true)
    #expect(answer["result"]?["status"] == 137)
    let child = try #require(try LocalFile.read("\(folder.path)/child", limit: 20))
    let number = try #require(Int32(String(decoding: child.dropLast(), as: UTF8.self)))
    // Killed, it ends as soon as a processor comes to it; the suite's limit is the test's.
    while try isRunning(number) { await Task.yield() }
  }

  /// Whether a process is neither gone nor one whose end nobody has taken note of yet.
  private func isRunning(_ number: Int32) throws -> Bool {
    guard let state = try LocalFile.read("/proc/\(number)/stat", limit: 1000) else { return false }
    return !String(decoding: state, as: UTF8.self).holds(") Z ")
  }

  @Test func `keeps the beginning of what is written without end`() async throws {
    let answer = try await run(["/usr/bin/yes"], time: .milliseconds(300))
    #expect(answer["result"]?["cut"] == true)
    #expect(answer["result"]?["output"]?.string?.utf8.count == BoardControls.maximumOutput)
  }

  @Test func `says why a program cannot be started`() async throws {
    let answer = try await run(["/no/such/program"])
    let reason = answer["error"]?["message"]?.string ?? ""
    #expect(reason.holds("/no/such/program cannot be started: No such file"))
  }

  @Test func `runs each action once at a time, and tells everybody that it runs`() async throws {
    let loop = try EventLoop.start()
    let controls = controls(
      [ActionConfiguration(name: "it", command: ["/bin/sleep", "1000"], time: .seconds(1))],
      loop
    )
    let listener = Listener()
    _ = await controls.join(listener.tell)
    async let first = press(controls, "it")
    _ = try await listener.wait(on: loop) {
      $0["params"]?["controls"]?[0]?["running"] == true
    }
    let second = try await press(controls, "it")
    #expect(second["error"]?["message"] == "it runs already.")
    #expect(try await first["result"]?["late"] == true)
    _ = try await listener.wait(on: loop) {
      $0["params"]?["controls"]?[0]?["running"] == false
    }
    await controls.close()
    loop.stop()
  }

  @Test func `faults of a configuration are told in sentences`() {
    var configuration = BoardConfiguration()
    configuration.actions = [
      ActionConfiguration(name: "a b", command: ["/bin/true"]),
      ActionConfiguration(name: "x", command: ["true"]),
      ActionConfiguration(name: "y", command: []),
      ActionConfiguration(name: "y", command: ["/bin/true"], time: .seconds(1000)),
    ]
    configuration.sensors = [
      SensorConfiguration(name: "x", file: "relative", interval: .milliseconds(1))
    ]
    #expect(configuration.faults.count == 7)
  }
}
