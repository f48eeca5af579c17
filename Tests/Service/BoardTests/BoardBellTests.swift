// SPDX-License-Identifier: Apache-2.0
import EventLoop
import JSON
import Ringing
import Synchronization
import Testing

@testable import Board

@Suite(.timeLimit(.minutes(2))) struct BoardBellTests {
  private let folder = Folder()

  /// Keeps the calls that one who follows is told.
  private final class Follower: Sendable {
    private let calls = Mutex<[Doorbell.Call]>([])

    var tell: BoardBell.Teller { { call in self.calls.withLock { $0.append(call) } } }

    var heard: [Doorbell.Call] { calls.withLock { $0 } }

    /// Waits for a call as wanted; a test's time limit ends it.
    func wait(
      on loop: EventLoop,
      for isWanted: (Doorbell.Call) -> Bool
    ) async throws -> Doorbell.Call {
      while true {
        if let found = heard.first(where: isWanted) { return found }
        try await loop.sleep(for: .milliseconds(2))
      }
    }
  }

  /// A board with buttons and a socket.
  private struct Station {
    let loop: EventLoop
    let controls: BoardControls
    let socket: PushSocket
    let path: String

    var bell: BoardBell { controls.bell }

    func close() async {
      await controls.close()
      loop.stop()
    }
  }

  private func station(
    ringTime: Duration = .seconds(30),
    buttons: [FakeButton] = []
  ) async throws -> Station {
    let loop = try EventLoop.start()
    var configuration = BoardConfiguration()
    configuration.findsSensors = false
    configuration.ringTime = ringTime
    for index in buttons.indices {
      configuration.buttons.append(
        ButtonConfiguration(name: "b\(index)", label: "Door \(index)", line: UInt32(index))
      )
    }
    var devices = ControlDevices.real
    devices.openButton = { button throws(GPIOLine.Failure) in buttons[Int(button.line)] }
    let controls = BoardControls(configuration, devices, on: loop)
    #expect(await controls.start() == [])
    let sensors = BoardSensors(configuration, on: loop)
    let path = "\(folder.path)/bell"
    let socket = try await sensors.listen(at: path, for: controls.bell)
    return Station(loop: loop, controls: controls, socket: socket, path: path)
  }

  private func ring(
    _ station: Station,
    _ parameters: String = "",
    mayControl: Bool = true
  ) async throws -> JSONValue {
    let text = #"{"jsonrpc":"2.0","id":1,"method":"bell.ring"\#(parameters)}"#
    let answer = await station.controls.answer(Array(text.utf8), mayControl: mayControl)
    return try JSONValue(parsing: try #require(answer))
  }

  @Test func `a button rings by its label, and pressed again rings no second time`() async throws {
    let buttons = [FakeButton(), FakeButton()]
    let station = try await station(buttons: buttons)
    let follower = Follower()
    _ = await station.bell.follow(follower.tell)
    buttons[1].press()
    let call = try await follower.wait(on: station.loop) { $0.isRinging }
    #expect(call.name == "Door 1" && call.number == 1)
    for button in buttons { button.press() }
    await station.bell.answer(1, by: 7)
    let ended = try await follower.wait(on: station.loop) { !$0.isRinging }
    #expect(ended.state == .answered(by: 7))
    #expect(follower.heard.count == 2 || follower.heard.last?.number == 2)
    await station.close()
  }

  @Test func `a call that nobody answers is missed when its time is over`() async throws {
    let station = try await station(ringTime: .milliseconds(50))
    let follower = Follower()
    let id = await station.bell.follow(follower.tell)
    #expect(await station.bell.ring("Somebody") == .rings(1))
    _ = try await follower.wait(on: station.loop) { $0.state == .missed }
    await station.bell.leave(id)
    #expect(await station.bell.ring("Somebody") == .rings(2))
    #expect(follower.heard.map(\.number) == [1, 1])
    await station.close()
  }

  @Test func `a button that cannot be had is told, and the rest works`() async throws {
    let loop = try EventLoop.start()
    var configuration = BoardConfiguration()
    configuration.buttons = [ButtonConfiguration(name: "door", chip: "/dev/no-chip", line: 4)]
    let controls = BoardControls(configuration, on: loop)
    let faults = await controls.start()
    #expect(faults.count == 1)
    #expect(faults.first?.holds("line 4 of /dev/no-chip cannot be used as a button") == true)
    #expect(await controls.bell.ring("") == .rings(1))
    await controls.close()
    loop.stop()
  }

  @Test func `whoever may control rings by a call, and nobody too often`() async throws {
    let station = try await station()
    #expect(try await ring(station, mayControl: false)["error"]?["code"] == -32001)
    #expect(await station.bell.call == nil)
    #expect(try await ring(station, #","params":{"name":5}"#)["error"]?["code"] == -32602)
    let first = try await ring(station, #","params":{"name":"Gate\u0007"}"#)
    #expect(first["result"]?["call"] == 1)
    #expect(await station.bell.call?.name == "Gate")
    var calls = 0
    var answer = first
    while let call = answer["result"]?["call"]?.integer {
      calls += 1
      await station.bell.decline(UInt64(clamping: call), by: 1)
      answer = try await ring(station)
    }
    #expect(calls >= 5)
    #expect(answer["error"]?["code"] == -32004)
    #expect(await station.bell.refused == 1)
    await station.close()
  }

  @Test func `a program rings at the socket, and may wait for the outcome`() async throws {
    let station = try await station()
    let (bell, path, loop) = (station.bell, station.path, station.loop)
    func ask(_ request: RingRequest) throws -> [UInt8] {
      try LocalExchange.ask(path, request.line, limit: 1000, seconds: 60)
    }
    #expect(try ask(RingRequest(name: "Post", waits: false)) == [])
    #expect(await bell.call?.name == "Post")
    await bell.decline(1, by: 3)
    for outcome in [RingOutcome.answered(by: 5), .declined(by: 6)] {
      let id = await bell.follow { call in
        guard call.isRinging else { return }
        loop.post {
          bell.assumeIsolated { bell in
            if outcome == .answered(by: 5) { bell.answer(call.number, by: 5) }
            if outcome == .declined(by: 6) { bell.decline(call.number, by: 6) }
          }
        }
      }
      let answer = try ask(RingRequest(name: "Post", waits: true))
      #expect(RingOutcome(parsing: answer) == outcome)
      await bell.leave(id)
    }
    await station.close()
  }

  @Test func `one who waits hears of a missed call, and of one too many`() async throws {
    let station = try await station(ringTime: .milliseconds(100))
    let waiting = RingRequest(name: "", waits: true)
    var answer: [UInt8]
    var calls = 0
    repeat {
      answer = try LocalExchange.ask(station.path, waiting.line, limit: 1000, seconds: 60)
      calls += 1
    } while RingOutcome(parsing: answer) == .missed
    #expect(calls > 5)
    #expect(PushAnswer(parsing: answer)?.description.holds("rung too often") == true)
    await station.close()
  }
}

extension BoardSensors {
  /// Opens a socket on the loop that rings, too.
  fileprivate func listen(
    at path: String,
    for bell: BoardBell
  ) throws(LocalSocketError) -> PushSocket {
    try PushSocket(at: path, group: nil, for: self, bell)
  }
}
