// SPDX-License-Identifier: Apache-2.0
public import EventLoop
public import Ringing
internal import Telemetry

/// The bell of a board: rung by buttons, by other programs and by those who may control; told to everybody
/// who follows.
public actor BoardBell: EventLoopActor {
  /// Takes a call that has begun or ended.
  public typealias Teller = @Sendable (_ call: Doorbell.Call) -> Void

  /// Names one who follows.
  public struct FollowerID: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  /// Most bytes of the name of who rings.
  static let maximumName = 48

  /// The loop that everything here runs on.
  public nonisolated let loop: EventLoop
  private let buttons: [ButtonConfiguration]
  private let devices: ControlDevices
  private let queue: BlockingQueue
  private var bell: Doorbell
  private var followers: [FollowerID: Teller] = [:]
  private var lastFollower: UInt64 = 0
  private var timer: TimerID?
  private var pressed: [(button: any PressableButton, watch: DeviceWatch)] = []
  private var isClosed = false

  init(
    _ configuration: BoardConfiguration,
    _ devices: ControlDevices,
    by queue: BlockingQueue,
    on loop: EventLoop
  ) {
    self.loop = loop
    self.devices = devices
    self.queue = queue
    buttons = configuration.buttons
    var times = Doorbell.Configuration()
    times.ringTime = configuration.ringTime
    bell = Doorbell(times)
  }

  /// Takes the buttons; answers why some could not be had.
  func start() async -> [String] {
    var faults: [String] = []
    for button in buttons {
      let open = devices.openButton
      let result = await queue.run { () -> Result<any PressableButton, GPIOLine.Failure> in
        do throws(GPIOLine.Failure) { return .success(try open(button)) } catch {
          return .failure(error)
        }
      }
      switch result {
      case .success(let taken):
        do throws(EventLoopError) { try watch(taken, button.label ?? button.name) } catch {
          faults.append("[[button]] '\(button.name)': \(error.description)")
        }
      case .failure(let failure): faults.append(failure.description)
      case nil: faults.append("[[button]] '\(button.name)': too much waits to be done")
      }
    }
    return faults
  }

  private func watch(
    _ button: any PressableButton,
    _ name: String
  ) throws(EventLoopError) {
    guard !isClosed else { return }
    let index = pressed.count
    let watch = try DeviceWatch(of: button.descriptor, .data, on: loop) { [weak self] _ in
      self?.assumeIsolated { $0.takePresses(of: index, name) }
    }
    pressed.append((button, watch))
  }

  private func takePresses(of index: Int, _ name: String) {
    guard let count = pressed[index].button.presses() else { return pressed[index].watch.stop() }
    if count > 0 { _ = ring(name) }
  }

  /// Stops ringing and telling, and gives the buttons back.
  func close() {
    isClosed = true
    followers = [:]
    for (_, watch) in pressed { watch.stop() }
    pressed = []
    if let timer { loop.cancel(timer) }
    timer = nil
  }

  // MARK: Ringing

  /// The last call; `nil` before the first one.
  public var call: Doorbell.Call? { bell.call }

  /// Somebody called `name` rings; the name is cut, and cleaned of controls.
  public func ring(_ name: String) -> Doorbell.Ring {
    let name = TelemetryText.plain(name, limit: Self.maximumName)
    let ring = bell.ring(name, at: loop.now)
    settle()
    return ring
  }

  /// `visitor` answers the call of `number`, if it still rings.
  public func answer(_ number: UInt64, by visitor: UInt64) {
    bell.answer(number, by: visitor, at: loop.now)
    settle()
  }

  /// `visitor` declines the call of `number`, if it still rings.
  public func decline(_ number: UInt64, by visitor: UInt64) {
    bell.decline(number, by: visitor, at: loop.now)
    settle()
  }

  /// How often ringing was refused, since it came too often.
  public var refused: UInt64 { bell.refused }

  private func settle() {
    bell.advance(to: loop.now)
    while let call = bell.nextEvent() {
      for tell in followers.values { tell(call) }
    }
    if let timer { loop.cancel(timer) }
    timer = nil
    guard let deadline = bell.deadline, !isClosed else { return }
    timer = loop.schedule(at: deadline) { [weak self] in
      self?.assumeIsolated {
        $0.timer = nil
        $0.settle()
      }
    }
  }

  // MARK: Following

  /// Begins to tell `tell` of calls that begin and end.
  public func follow(_ tell: @escaping Teller) -> FollowerID {
    lastFollower += 1
    let id = FollowerID(number: lastFollower)
    followers[id] = tell
    return id
  }

  /// Stops telling the one called `id`.
  public func leave(_ id: FollowerID) {
    followers[id] = nil
  }
}
