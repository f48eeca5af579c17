// SPDX-License-Identifier: Apache-2.0
internal import Capture
public import EventLoop
internal import JSON
internal import JSONRPC
internal import Telemetry
internal import Wire

/// What can be set and started on a board: the camera's settings, outputs, actions and the bell, by
/// JSON-RPC 2.0.
///
/// Who may control changes them for all: each change, by whomever, is told to everybody. The camera is
/// opened for its settings when the first one joins and closed after the last has left; the driver keeps
/// the values.
public actor BoardControls: EventLoopActor {
  /// Takes a message for one who has joined, as JSON.
  public typealias Teller = @Sendable (_ message: String) -> Void

  /// Names one who has joined.
  public struct MemberID: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  /// Between two messages about changes.
  static let pace = Duration.milliseconds(100)
  /// Between two attempts to open a camera that is not there.
  static let retryInterval = Duration.seconds(2)
  /// How long the camera stays open when the last one has left: a page is reloaded faster.
  static let restTime = Duration.seconds(3)

  /// The loop that everything here runs on.
  public nonisolated let loop: EventLoop
  let configuration: BoardConfiguration
  /// The bell, which starts and closes with the controls.
  public nonisolated let bell: BoardBell
  private let devices: ControlDevices
  let queue = BlockingQueue(name: "board-control")
  private var members: [MemberID: Teller] = [:]
  private var lastMember: UInt64 = 0
  var controls: [BoardControl] = []
  private var camera: (any ControllableCamera)?
  private var watch: DeviceWatch?
  private var cameraControls: [String: CameraControl] = [:]
  var outputs: [String: any SwitchableOutput] = [:]
  private var opening: Task<Void, Never>?
  private var changed: Set<String> = []
  private var told = Timestamp.distantPast
  private var tellTimer: TimerID?
  private var cameraTimer: TimerID?
  /// Actions that run now.
  var runs: [String: ChildRun] = [:]
  private(set) var isClosed = false

  /// Creates the controls of `configuration`; nothing is opened before ``start()``.
  public init(_ configuration: BoardConfiguration, on loop: EventLoop) {
    self.init(configuration, .real, on: loop)
  }

  init(_ configuration: BoardConfiguration, _ devices: ControlDevices, on loop: EventLoop) {
    self.configuration = configuration
    self.devices = devices
    self.loop = loop
    bell = BoardBell(configuration, devices, by: queue, on: loop)
    for output in configuration.outputs {
      var control = BoardControl(
        id: "output.\(output.name)",
        group: .output,
        label: output.label ?? output.name,
        kind: .toggle
      )
      control.value = output.isOn ? 1 : 0
      controls.append(control)
    }
    for action in configuration.actions {
      controls.append(
        BoardControl(
          id: "action.\(action.name)",
          group: .action,
          label: action.label ?? action.name,
          kind: .action
        )
      )
    }
  }

  /// Takes the outputs and sets them to what they are to be at first, and the buttons; answers why some
  /// could not be had.
  public func start() async -> [String] {
    var faults: [String] = []
    for output in configuration.outputs {
      if let fault = await take(output) { faults.append(fault) }
    }
    return await faults + bell.start()
  }

  /// Takes an output; answers why it cannot be had.
  func take(_ output: OutputConfiguration) async -> String? {
    let open = devices.openOutput
    let result = await queue.run { () -> Result<any SwitchableOutput, GPIOLine.Failure> in
      do throws(GPIOLine.Failure) { return .success(try open(output)) } catch {
        return .failure(error)
      }
    }
    let id = "output.\(output.name)"
    switch result {
    case .success(let line):
      outputs[id] = line
      change(id) {
        $0.value = output.isOn ? 1 : 0
        $0.problem = nil
      }
      return nil
    case .failure(let failure):
      change(id) { $0.problem = failure.description }
      return failure.description
    case nil: return "too much waits to be done"
    }
  }

  /// Ends everything: actions that run are killed, outputs given back.
  public func close() {
    isClosed = true
    members = [:]
    for timer in [tellTimer, cameraTimer] {
      if let timer { loop.cancel(timer) }
    }
    (tellTimer, cameraTimer) = (nil, nil)
    closeCamera()
    for run in runs.values { run.cancel() }
    bell.assumeIsolated { $0.close() }
    outputs = [:]
  }

  /// Whether there is anything that could be controlled.
  public nonisolated var isEmpty: Bool {
    configuration.camera == nil && configuration.outputs.isEmpty && configuration.actions.isEmpty
  }

  // MARK: Members

  /// Begins to tell `tell` of changes; opens the camera for the first one.
  public func join(_ tell: @escaping Teller) -> MemberID {
    lastMember += 1
    let id = MemberID(number: lastMember)
    members[id] = tell
    setCameraTimer(nil)
    openCamera()
    return id
  }

  /// Stops telling the one called `id`; the last one closes the camera.
  public func leave(_ id: MemberID) {
    members[id] = nil
    guard members.isEmpty else { return }
    setCameraTimer(Self.restTime) { $0.closeCamera() }
  }

  // MARK: The camera

  private func setCameraTimer(
    _ time: Duration?,
    _ body: @escaping @Sendable (isolated BoardControls) -> Void = { _ in }
  ) {
    if let cameraTimer { loop.cancel(cameraTimer) }
    cameraTimer = nil
    guard let time, !isClosed else { return }
    cameraTimer = loop.schedule(at: loop.now + time) { [weak self] in
      self?.assumeIsolated {
        $0.cameraTimer = nil
        body($0)
      }
    }
  }

  private func openCamera() {
    guard let path = configuration.camera, camera == nil, opening == nil, !isClosed else { return }
    let open = devices.openCamera
    opening = Task {
      let opened = await queue.run { () -> (any ControllableCamera, [CameraControl])? in
        guard let camera = try? open(path) else { return nil }
        return (camera, camera.all())
      }
      opening = nil
      guard !isClosed, !members.isEmpty else { return }
      if case .some(.some((let camera, let found))) = opened {
        adopt(camera, found)
      } else {
        setCameraTimer(Self.retryInterval) { $0.openCamera() }
      }
    }
  }

  private func adopt(_ camera: any ControllableCamera, _ found: [CameraControl]) {
    self.camera = camera
    var fresh: [BoardControl] = []
    for control in found {
      var id = "camera.\(control.word)"
      if cameraControls[id] != nil { id += ".\(control.id)" }
      cameraControls[id] = control
      fresh.append(BoardControl(control, id: id))
    }
    controls = fresh + controls
    if camera.descriptor >= 0 {
      watch = try? DeviceWatch(of: camera.descriptor, on: loop) { [weak self] isGone in
        self?.assumeIsolated { $0.takeCameraEvents(isGone: isGone) }
      }
    }
    tellReplaced()
  }

  private func takeCameraEvents(isGone: Bool) {
    guard let camera else { return }
    guard !isGone else { return loseCamera() }
    takeChanges(of: camera)
  }

  private func takeChanges(of camera: any ControllableCamera) {
    for news in camera.changes() {
      guard let (id, known) = cameraControls.first(where: { $0.value.id == news.id }) else {
        continue
      }
      var control = known
      control.state = news.state
      cameraControls[id] = control
      change(id) { $0.update(control) }
    }
  }

  private func loseCamera() {
    closeCamera()
    tellReplaced()
    if !members.isEmpty { setCameraTimer(Self.retryInterval) { $0.openCamera() } }
  }

  private func closeCamera() {
    watch?.stop()
    watch = nil
    camera = nil
    cameraControls = [:]
    controls.removeAll { $0.group == .camera }
  }

  /// Sets a setting of the camera.
  func setCamera(_ id: String, to wish: Double) async throws(JSONRPCError) -> Int64? {
    guard let camera, let control = cameraControls[id] else { throw Self.unknown(id) }
    let value: Int64
    if control.kind == .button {
      value = 1
    } else {
      guard let nearest = control.nearest(to: wish) else {
        throw .invalidParameters("\(control.name) has no such value.")
      }
      value = nearest
    }
    let result = await queue.run { () -> Result<Int64, CaptureError> in
      do throws(CaptureError) { return .success(try camera.set(control, to: value)) } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let taken):
      // Drivers without events tell of their changes nowhere else.
      if control.kind != .button, var known = cameraControls[id] {
        known.state.value = taken
        cameraControls[id] = known
        change(id) { $0.value = taken }
      }
      if camera.descriptor < 0 { takeChanges(of: camera) }
      return control.kind == .button ? nil : taken
    case .failure(.deviceGone):
      loseCamera()
      throw JSONRPCError(Code.device, "The camera was unplugged.")
    case .failure(let error): throw JSONRPCError(Code.device, "\(error.description).")
    case nil: throw Self.busy
    }
  }

  /// Waits until it is known what the camera can do.
  func camerasSettled() async {
    await opening?.value
  }

  // MARK: Telling

  /// Changes the control `id`, and tells everybody if that makes a difference.
  func change(_ id: String, _ body: (inout BoardControl) -> Void) {
    guard let index = controls.firstIndex(where: { $0.id == id }) else { return }
    let before = controls[index]
    body(&controls[index])
    guard controls[index] != before else { return }
    changed.insert(id)
    tellChanges()
  }

  private func tellChanges() {
    guard !changed.isEmpty, tellTimer == nil, !isClosed else { return }
    let now = loop.now
    guard now - told >= Self.pace else {
      tellTimer = loop.schedule(at: told + Self.pace) { [weak self] in
        self?.assumeIsolated {
          $0.tellTimer = nil
          $0.tellChanges()
        }
      }
      return
    }
    told = now
    let rows = controls.filter { changed.contains($0.id) }.map(\.state)
    changed = []
    guard !rows.isEmpty else { return }
    tell("controls.changed", ["controls": .array(rows)])
  }

  private func tellReplaced() {
    changed = []
    tell("controls.replaced", [:])
  }

  /// Tells everybody.
  func tell(_ method: String, _ parameters: JSONValue) {
    guard !members.isEmpty else { return }
    let message = JSONRPCAnswer.notification(method, parameters).description
    for tell in members.values { tell(message) }
  }
}
