// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import JSON
internal import JSONRPC
internal import Ringing

extension BoardControls {
  /// The numbers of our own errors (JSON-RPC 2.0 section 5.1 leaves -32000 to -32099 to us).
  enum Code {
    static let notAllowed = -32001
    static let unknown = -32002
    static let device = -32003
    static let busy = -32004
  }

  static func unknown(_ id: String) -> JSONRPCError {
    JSONRPCError(
      Code.unknown,
      "There is no control called so; controls.list tells which there are."
    )
  }

  static let busy = JSONRPCError(Code.busy, "Too much waits to be done; try again soon.")

  /// The answer to a message that comes while too many are worked on.
  public static var busyAnswer: String { JSONRPCAnswer.failure(busy, to: .null).description }

  /// Answers a message of one who may control, or only look; `nil` when nothing is to be said.
  public func answer(_ message: [UInt8], mayControl: Bool) async -> String? {
    let message = JSONRPCMessage(parsing: message)
    var answers: [JSONValue] = []
    for part in message.parts {
      switch part {
      case .refused(let answer): answers.append(answer)
      case .request(let request):
        let answer: JSONValue
        do throws(JSONRPCError) {
          let result = try await perform(request, mayControl)
          answer = JSONRPCAnswer.result(result, to: request.id ?? .null)
        } catch {
          answer = JSONRPCAnswer.failure(error, to: request.id ?? .null)
        }
        if request.wantsAnswer { answers.append(answer) }
      }
    }
    return JSONRPCAnswer.joined(answers, isBatch: message.isBatch)?.description
  }

  private func perform(
    _ request: JSONRPCRequest,
    _ mayControl: Bool
  ) async throws(JSONRPCError) -> JSONValue {
    guard let method = ControlMethod(rawValue: request.method) else {
      throw .methodNotFound("There is no such method; rpc.discover tells which there are.")
    }
    guard mayControl || !method.changesSomething else {
      throw JSONRPCError(
        Code.notAllowed,
        "Only who has the control token may do this: open the address with that one."
      )
    }
    switch method {
    case .discover: return ControlMethod.description
    case .list:
      await camerasSettled()
      return [
        "controls": .array(controls.map(\.description)), "mayControl": .bool(mayControl),
      ]
    case .set: return try await set(request)
    case .press: return try await press(request)
    case .ring: return try ring(request)
    }
  }

  private func ring(_ request: JSONRPCRequest) throws(JSONRPCError) -> JSONValue {
    guard let name = (request["name"] ?? "").string else {
      throw .invalidParameters("The name of who rings is a text.")
    }
    switch bell.assumeIsolated({ $0.ring(name) }) {
    case .rings(let call): return ["call": .integer(Int64(clamping: call))]
    case .refused:
      throw JSONRPCError(Code.busy, "It has rung too often of late: wait some seconds.")
    }
  }

  private func control(_ request: JSONRPCRequest) throws(JSONRPCError) -> BoardControl {
    guard let id = request["id"]?.string else {
      throw .invalidParameters("params name a control: {\"id\":…}.")
    }
    guard let control = controls.first(where: { $0.id == id }) else { throw Self.unknown(id) }
    return control
  }

  private func set(_ request: JSONRPCRequest) async throws(JSONRPCError) -> JSONValue {
    let control = try control(request)
    let wish: Double
    switch (control.kind, request["value"]) {
    case (.button, _), (.action, _):
      throw .invalidParameters("\(control.label) has no value: use controls.press.")
    case (.toggle, .bool(let isOn)?): wish = isOn ? 1 : 0
    case (.toggle, _): throw .invalidParameters("\(control.label) is true or false.")
    case (_, let value?):
      guard let number = value.number else {
        throw .invalidParameters("\(control.label) takes a number.")
      }
      wish = number
    case (_, nil): throw .invalidParameters("params name a value: {\"id\":…,\"value\":…}.")
    }
    guard !control.isReadOnly else {
      throw JSONRPCError(Code.device, "\(control.label) can only be read.")
    }
    if control.group == .camera {
      _ = try await setCamera(control.id, to: wish)
    } else {
      try await setOutput(control.id, wish != 0)
    }
    return controls.first { $0.id == control.id }?.state ?? .null
  }

  private func setOutput(_ id: String, _ isOn: Bool) async throws(JSONRPCError) {
    if outputs[id] == nil,
      let output = configuration.outputs.first(where: { "output.\($0.name)" == id }),
      let fault = await take(output)
    {
      throw JSONRPCError(Code.device, fault)
    }
    guard let output = outputs[id] else { throw Self.busy }
    let result = await queue.run { () -> Result<Bool, GPIOLine.Failure> in
      do throws(GPIOLine.Failure) { return .success(try output.set(isOn)) } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let value):
      change(id) {
        $0.value = value ? 1 : 0
        $0.problem = nil
      }
    case .failure(let failure):
      change(id) { $0.problem = failure.description }
      throw JSONRPCError(Code.device, failure.description)
    case nil: throw Self.busy
    }
  }

  private func press(_ request: JSONRPCRequest) async throws(JSONRPCError) -> JSONValue {
    let control = try control(request)
    switch control.kind {
    case .action: return try await run(control)
    case .button:
      _ = try await setCamera(control.id, to: 1)
      return ["id": .string(control.id)]
    default: throw .invalidParameters("\(control.label) has a value: use controls.set.")
    }
  }
}

/// What can be called.
enum ControlMethod: String, CaseIterable, Sendable {
  case discover = "rpc.discover"
  case list = "controls.list"
  case set = "controls.set"
  case press = "controls.press"
  case ring = "bell.ring"

  /// Whether it is for those who may control.
  var changesSomething: Bool {
    switch self {
    case .discover, .list: false
    case .set, .press, .ring: true
    }
  }

  private var summary: String {
    switch self {
    case .discover: "what can be called, and what comes by itself"
    case .list: "every control with what it can be set to, and whether this page may"
    case .set: "sets a range, a switch or a menu; answers what the device has made of it"
    case .press: "presses a button, or starts an action and waits for its end"
    case .ring: "rings on every open page, in the name of whom it says"
    }
  }

  private var parameters: [String] {
    switch self {
    case .discover, .list: []
    case .set: ["id", "value"]
    case .press: ["id"]
    case .ring: ["name"]
    }
  }

  /// The answer of `rpc.discover`.
  static var description: JSONValue {
    let methods = allCases.map { method -> JSONValue in
      [
        "name": .string(method.rawValue), "summary": .string(method.summary),
        "params": .array(method.parameters.map { .string($0) }),
        "needsControl": .bool(method.changesSomething),
      ]
    }
    return [
      "methods": .array(methods),
      "notifications": [
        ["name": "controls.changed", "summary": "controls whose state has changed, by whomever"],
        ["name": "controls.replaced", "summary": "the list is another one: ask for it again"],
      ],
    ]
  }
}
