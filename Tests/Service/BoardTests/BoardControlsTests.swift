// SPDX-License-Identifier: Apache-2.0
import Capture
import EventLoop
import JSON
import Testing

@testable import Board

@Suite(.timeLimit(.minutes(2))) struct BoardControlsTests {
  private let camera = FakeCamera.usual()
  private let relay = FakeOutput()

  private func make(
    _ loop: EventLoop,
    hasCamera: Bool = true,
    actions: [ActionConfiguration] = []
  ) async -> BoardControls {
    var configuration = BoardConfiguration()
    configuration.camera = "/dev/fake"
    configuration.outputs = [OutputConfiguration(name: "lamp", label: "Lamp", line: 17)]
    configuration.actions = actions
    let (camera, relay) = (camera, relay)
    let devices = ControlDevices(
      openCamera: { path throws(CaptureError) in
        guard hasCamera else { throw .deviceGone(path: path) }
        return camera
      },
      openOutput: { _ throws(GPIOLine.Failure) in relay }
    )
    let controls = BoardControls(configuration, devices, on: loop)
    #expect(await controls.start() == [])
    return controls
  }

  private func ask(
    _ controls: BoardControls,
    _ method: String,
    _ parameters: JSONValue? = nil,
    mayControl: Bool = true
  ) async throws -> JSONValue {
    var request: JSONObject = ["jsonrpc": "2.0", "id": 1, "method": .string(method)]
    request["params"] = parameters
    let answer = await controls.answer(JSONValue.object(request).utf8, mayControl: mayControl)
    return try JSONValue(parsing: try #require(answer))
  }

  @Test func `lists what can be set, and says whether one may`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop)
    _ = await controls.join { _ in }
    let list = try await ask(controls, "controls.list", mayControl: false)
    #expect(list["result"]?["mayControl"] == false)
    let rows = list["result"]?["controls"]?.array ?? []
    #expect(
      rows.compactMap { $0["id"]?.string } == [
        "camera.brightness", "camera.auto_exposure", "camera.exposure_time_absolute",
        "camera.power_line_frequency", "camera.focus_now", "camera.serial", "output.lamp",
      ]
    )
    #expect(
      rows.first?.description
        == #"{"id":"camera.brightness","group":"camera","label":"Brightness","kind":"range","#
        + #""minimum":0,"maximum":255,"step":5,"default":128,"value":128,"readOnly":false,"#
        + #""inactive":false,"problem":null}"#
    )
    #expect(rows[1]["value"] == true)
    #expect(rows[2]["inactive"] == true)
    #expect(rows[3]["options"]?[1]?["label"] == "60 Hz")
    #expect(rows[4]["value"] == nil)
    #expect(rows[5]["readOnly"] == true)
    await controls.close()
    loop.stop()
  }

  @Test func `sets a value, in the camera's steps, and tells everybody`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop)
    let listeners = [Listener(), Listener()]
    for listener in listeners { _ = await controls.join(listener.tell) }
    _ = try await ask(controls, "controls.list")
    for (wish, taken) in [(101.4, 100), (1e9, 255), (-5, 0)] as [(Double, Int64)] {
      let answer = try await ask(
        controls,
        "controls.set",
        ["id": "camera.brightness", "value": .number(wish)]
      )
      #expect(answer["result"]?["value"] == .integer(taken))
      #expect(camera.all().first?.state.value == taken)
    }
    for listener in listeners {
      let last = try await listener.wait(on: loop) { message in
        message["method"] == "controls.changed"
          && message["params"]?["controls"]?[0]?["value"] == 0
      }
      #expect(last["id"] == nil)
    }
    await controls.close()
    loop.stop()
  }

  @Test func `tells what the camera changes by itself`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop)
    let listener = Listener()
    _ = await controls.join(listener.tell)
    _ = try await ask(controls, "controls.list")
    _ = try await ask(
      controls,
      "controls.set",
      ["id": "camera.auto_exposure", "value": false]
    )
    let found = try await listener.wait(on: loop) { message in
      message["params"]?["controls"]?.array?.contains {
        $0["id"] == "camera.exposure_time_absolute" && $0["inactive"] == false
      } == true
    }
    #expect(found["jsonrpc"] == "2.0")
    await controls.close()
    loop.stop()
  }

  @Test(arguments: [
    (#"{"id":"camera.brightness"}"#, -32602), (#"{"id":"camera.brightness","value":"5"}"#, -32602),
    (#"{"value":5}"#, -32602), (#"[1,2]"#, -32602), (#"{"id":"camera.none","value":5}"#, -32002),
    (#"{"id":"camera.power_line_frequency","value":1}"#, -32602),
    (#"{"id":"camera.power_line_frequency","value":2}"#, -32003),
    (#"{"id":"camera.serial","value":5}"#, -32003),
    (#"{"id":"camera.focus_now","value":5}"#, -32602), (#"{"id":"output.lamp","value":1}"#, -32602),
  ])
  func `refuses what cannot be set`(_ parameters: String, _ code: Int64) async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop)
    _ = await controls.join { _ in }
    _ = try await ask(controls, "controls.list")
    let answer = try await ask(controls, "controls.set", try JSONValue(parsing: parameters))
    #expect(answer["error"]?["code"]?.integer == code)
    #expect(answer["error"]?["message"]?.string?.isEmpty == false)
    await controls.close()
    loop.stop()
  }

  @Test func `whoever may only look can change nothing`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(
      loop,
      actions: [ActionConfiguration(name: "go", command: ["/bin/true"])]
    )
    _ = await controls.join { _ in }
    for (method, parameters) in [
      ("controls.set", ["id": "output.lamp", "value": true]),
      ("controls.press", ["id": "camera.focus_now"]), ("controls.press", ["id": "action.go"]),
    ] as [(String, JSONValue)] {
      let answer = try await ask(controls, method, parameters, mayControl: false)
      #expect(answer["error"]?["code"] == -32001)
    }
    #expect(!relay.isOn)
    let known = try await ask(controls, "rpc.discover", mayControl: false)
    #expect(known["result"]?["methods"]?.array?.count == 5)
    #expect(try await ask(controls, "nothing")["error"]?["code"] == -32601)
    await controls.close()
    loop.stop()
  }

  @Test func `switches an output, and tells why it cannot`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop)
    let lamp: JSONValue = ["id": "output.lamp", "value": true]
    #expect(try await ask(controls, "controls.set", lamp)["result"]?["value"] == true)
    #expect(relay.isOn)
    relay.isBroken = true
    let broken = try await ask(controls, "controls.set", lamp)
    #expect(broken["error"]?["code"] == -32003)
    #expect(broken["error"]?["message"]?.string?.holds("there is no such chip") == true)
    let list = try await ask(controls, "controls.list")
    let row = list["result"]?["controls"]?.array?.last
    #expect(row?["problem"]?.string?.holds("no-such-chip") == true)
    relay.isBroken = false
    #expect(try await ask(controls, "controls.set", lamp)["result"]?["problem"] == .null)
    await controls.close()
    loop.stop()
  }

  @Test func `a camera that is unplugged takes its settings along`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop)
    let listener = Listener()
    _ = await controls.join(listener.tell)
    _ = try await listener.wait(on: loop) { $0["method"] == "controls.replaced" }
    listener.forget()
    camera.isGone = true
    let answer = try await ask(
      controls,
      "controls.set",
      ["id": "camera.brightness", "value": 5]
    )
    #expect(answer["error"]?["message"] == "The camera was unplugged.")
    _ = try await listener.wait(on: loop) { $0["method"] == "controls.replaced" }
    await controls.close()
    loop.stop()
  }

  @Test func `without its camera, the rest can be controlled`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop, hasCamera: false)
    let member = await controls.join { _ in }
    let list = try await ask(controls, "controls.list")
    #expect(list["result"]?["controls"]?.array?.count == 1)
    await controls.leave(member)
    await controls.close()
    loop.stop()
  }

  @Test func `answers batches, and notifications not at all`() async throws {
    let loop = try EventLoop.start()
    let controls = await make(loop)
    let batch =
      #"[{"jsonrpc":"2.0","method":"rpc.discover","id":1},{"jsonrpc":"2.0","method":"x"},2]"#
    let answer = await controls.answer(Array(batch.utf8), mayControl: false)
    #expect(try JSONValue(parsing: try #require(answer)).array?.count == 2)
    let note =
      #"{"jsonrpc":"2.0","method":"controls.set","params":{"id":"output.lamp","value":true}}"#
    #expect(await controls.answer(Array(note.utf8), mayControl: true) == nil)
    #expect(relay.isOn)
    await controls.close()
    loop.stop()
  }
}
