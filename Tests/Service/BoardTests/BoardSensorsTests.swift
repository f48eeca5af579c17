// SPDX-License-Identifier: Apache-2.0
import EventLoop
import JSON
import Testing
import Wire

@testable import Board

@Suite(.timeLimit(.minutes(2))) struct BoardSensorsTests {
  private let folder = Folder()

  private func make(
    _ loop: EventLoop,
    _ change: (inout BoardConfiguration) -> Void = { _ in }
  ) async throws -> BoardSensors {
    var configuration = BoardConfiguration()
    configuration.root = folder.path
    change(&configuration)
    let sensors = BoardSensors(configuration, on: loop)
    await sensors.start()
    return sensors
  }

  @Test func `tells the list, the values and the histories, then what changes`() async throws {
    try folder.write("0.5 0 0 1/1 1\n", to: "proc/loadavg")
    try folder.write("20500\n", to: "dev/thermometer")
    let loop = try EventLoop.start()
    let sensors = try await make(loop) {
      $0.sensors = [
        SensorConfiguration(
          name: "room",
          label: "Living room",
          file: "/dev/thermometer",
          scale: 0.001,
          unit: "°C",
          interval: .milliseconds(100)
        )
      ]
    }
    let listener = Listener()
    let watcher = await sensors.watch(listener.tell)
    let list = try await listener.wait(on: loop) { $0["sensors"] != nil }
    #expect(list["sensors"]?[0]?["name"] == "room")
    #expect(list["sensors"]?[0]?["label"] == "Living room")
    #expect(list["sensors"]?[0]?["unit"] == "°C")
    #expect(list["sensors"]?[1]?["name"] == "load")
    let first = try await listener.wait(on: loop) { $0["values"]?["room"] != nil }
    #expect(first["values"]?["room"] == .number(20.5))
    for name in ["room", "load"] {
      let history = try await listener.wait(on: loop) { $0["history"]?.string == name }
      #expect(history["step"] == 1000)
    }
    listener.forget()
    try folder.write("21000\n", to: "dev/thermometer")
    _ = try await listener.wait(on: loop) { $0["values"]?["room"] == .integer(21) }
    // A sensor that fails shows its error and not its last value.
    listener.forget()
    folder.remove("dev/thermometer")
    let failed = try await listener.wait(on: loop) { $0["failed"] != nil }
    #expect(failed["failed"]?["room"]?.string?.holds("is not there") == true)
    #expect(failed["values"]?["room"] == nil)
    listener.forget()
    await sensors.receive(#"{"ask":"history","of":["room"]}"#, from: watcher)
    let history = try await listener.wait(on: loop) { $0["history"] == "room" }
    #expect(history["values"]?.array?.contains(.integer(21)) == true)
    await sensors.leave(watcher)
    await sensors.close()
    loop.stop()
  }

  @Test func `tells everything again after some seconds, for those who lost a message`()
    async throws
  {
    try folder.write("0.5 0 0 1/1 1\n", to: "proc/loadavg")
    let loop = try EventLoop.start()
    let sensors = try await make(loop)
    let listener = Listener()
    _ = await sensors.watch(listener.tell)
    _ = try await listener.wait(on: loop) { $0["values"] != nil }
    listener.forget()
    let again = try await listener.wait(on: loop) { $0["values"] != nil }
    #expect(again["values"]?["load"] == .number(0.5))
    await sensors.close()
    loop.stop()
  }

  @Test func `takes what other programs push, and tells all who watch the same`() async throws {
    let loop = try EventLoop.start()
    let sensors = try await make(loop)
    let listeners = [Listener(), Listener()]
    for listener in listeners { _ = await sensors.watch(listener.tell) }
    let line = Array(#"{"name":"tank","value":20.5,"unit":"l"}"#.utf8)
    #expect(await sensors.push(line) == nil)
    for listener in listeners {
      let list = try await listener.wait(on: loop) { $0["sensors"]?[0] != nil }
      #expect(list["sensors"]?[0]?["unit"] == "l")
      _ = try await listener.wait(on: loop) { $0["values"]?["tank"] == .number(20.5) }
    }
    #expect(await sensors.push(Array("nonsense".utf8)) != nil)
    #expect(try await sensors.reading(of: "tank")?.get() == 20.5)
    await sensors.close()
    loop.stop()
  }

  @Test func `one who asks for the list all the time is not told it all the time`() async throws {
    let loop = try EventLoop.start()
    let sensors = try await make(loop)
    let listener = Listener()
    let watcher = await sensors.watch(listener.tell)
    for _ in 0..<100 {
      await sensors.receive(#"{"ask":"sensors"}"#, from: watcher)
      await sensors.receive("nonsense", from: watcher)
    }
    #expect(listener.heard.count { $0["sensors"] != nil } == 1)
    await sensors.close()
    loop.stop()
  }

  @Test func `a sensor that does not answer holds up no other one, nor the loop`() async throws {
    let loop = try EventLoop.start()
    var configuration = BoardConfiguration()
    configuration.findsSensors = false
    configuration.sensors = ["slow", "quick"].map {
      SensorConfiguration(name: $0, file: "/\($0)", interval: .milliseconds(100))
    }
    let gate = Gate()
    let sensors = BoardSensors(configuration, on: loop) { source in
      guard source == .file(path: "/slow", scale: 1, offset: 0) else { return .success(2) }
      // As a bus that takes its time once, and then hangs.
      gate.pass()
      return .success(1)
    }
    await sensors.start()
    let listener = Listener()
    _ = await sensors.watch(listener.tell)
    let start = loop.now
    gate.open(after: .milliseconds(100))
    _ = try await listener.wait(on: loop) { $0["values"]?["slow"] != nil }
    // From now on the slow one is read apart: the quick one is told while it hangs.
    gate.close()
    try await loop.sleep(for: .milliseconds(1))
    let failed = try await listener.wait(on: loop) { $0["failed"]?["slow"] != nil }
    #expect(failed["failed"]?["slow"] == "it does not answer")
    listener.forget()
    _ = try await listener.wait(on: loop) { $0["values"]?["quick"] != nil }
    #expect(loop.now - start < .seconds(60))
    gate.open()
    _ = try await listener.wait(on: loop) { $0["values"]?["slow"] != nil }
    await sensors.close()
    loop.stop()
  }

  @Test func `what is configured is not found a second time`() async throws {
    try folder.write("cpu-thermal\n", to: "sys/class/thermal/thermal_zone0/type")
    try folder.write("40000\n", to: "sys/class/thermal/thermal_zone0/temp")
    let loop = try EventLoop.start()
    let sensors = try await make(loop) {
      $0.sensors = [
        SensorConfiguration(
          name: "chip",
          file: "/sys/class/thermal/thermal_zone0/temp",
          scale: 0.001,
          unit: "°C"
        )
      ]
    }
    #expect(await sensors.count == 1)
    await sensors.close()
    loop.stop()
    let other = try EventLoop.start()
    let none = try await make(other) { $0.findsSensors = false }
    #expect(await none.count == 0)
    other.stop()
  }
}
