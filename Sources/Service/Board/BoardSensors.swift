// SPDX-License-Identifier: Apache-2.0
public import EventLoop
internal import JSON
internal import Telemetry
internal import Wire

/// The sensors of a board: reads them, takes what other programs push, and tells those who watch.
///
/// While nobody watches, what is read is read every ten seconds, so that whoever joins sees the last ten
/// minutes; else as often as each sensor asks for. All who watch are told the same bytes, at most ten
/// times a second.
public actor BoardSensors: EventLoopActor {
  /// Takes a message for one who watches, as JSON.
  public typealias Teller = @Sendable (_ message: String) -> Void

  /// Names one who watches.
  public struct WatcherID: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  /// A sensor that is read.
  private struct Poll {
    let name: String
    let source: SensorSource
    let interval: Duration
    var due = Timestamp.distantPast
    /// When the reading under way began.
    var began: Timestamp?
    /// Whether it has shown that it keeps others waiting.
    var isSlow = false
  }

  private struct Watcher {
    let tell: Teller
    /// Sensors whose history is still to be sent, one after another.
    var histories: [String] = []
    /// When it was last sent the list.
    var listed: Timestamp
  }

  /// How often sensors are read while nobody watches.
  static let restInterval = Duration.seconds(10)
  /// Between two messages.
  static let pace = Duration.milliseconds(100)
  /// Between two messages that tell everything again, for those who lost one.
  static let wholeInterval = Duration.seconds(5)
  /// Between two histories for one who joins.
  private static let historyPace = Duration.milliseconds(50)
  /// A sensor that once takes longer is read apart from the others.
  private static let quick = Duration.milliseconds(50)
  /// A sensor that takes longer is told as failed.
  private static let patience = Duration.seconds(5)

  /// The loop that everything here runs on.
  public nonisolated let loop: EventLoop
  private let configuration: BoardConfiguration
  private let readSource: @Sendable (SensorSource) -> Result<Double, SensorFailure>
  private let quickQueue = BlockingQueue(name: "board")
  private let slowQueue = BlockingQueue(name: "board-slow")
  private var table = SensorTable()
  private var polls: [Poll] = []
  private var watchers: [WatcherID: Watcher] = [:]
  private var lastWatcher: UInt64 = 0
  private var toldRevision = 0
  private var told = Timestamp.distantPast
  private var toldWhole = Timestamp.distantPast
  private var readTimer: TimerID?
  private var tellTimer: TimerID?
  private var historyTimer: TimerID?
  private var isClosed = false

  /// Creates the sensors of `configuration`; nothing is read before ``start()``.
  public init(_ configuration: BoardConfiguration, on loop: EventLoop) {
    self.init(configuration, on: loop) { $0.read() }
  }

  init(
    _ configuration: BoardConfiguration,
    on loop: EventLoop,
    reading readSource: @escaping @Sendable (SensorSource) -> Result<Double, SensorFailure>
  ) {
    self.configuration = configuration
    self.loop = loop
    self.readSource = readSource
  }

  /// Looks for sensors and begins to read them.
  public func start() async {
    let root = configuration.root
    let found =
      configuration.findsSensors
      ? await quickQueue.run { SensorDiscovery.all(root: root) } ?? [] : []
    guard !isClosed else { return }
    for sensor in configuration.sensors {
      guard
        let description = SensorDescription(
          name: sensor.name,
          label: sensor.label,
          unit: sensor.unit
        )
      else { continue }
      let path = root + sensor.file
      let source = SensorSource.file(path: path, scale: sensor.scale, offset: sensor.offset)
      add(description, source, every: sensor.interval)
    }
    // What is configured by hand is not shown a second time.
    let taken = Set(configuration.sensors.map { root + $0.file })
    for finding in found {
      if case .file(let path, _, _) = finding.source, taken.contains(path) { continue }
      add(finding.description, finding.source, every: .seconds(1))
    }
    read()
  }

  /// Stops reading and telling.
  public func close() {
    isClosed = true
    watchers = [:]
    for timer in [readTimer, tellTimer, historyTimer] {
      if let timer { loop.cancel(timer) }
    }
    (readTimer, tellTimer, historyTimer) = (nil, nil, nil)
  }

  private func add(
    _ description: SensorDescription,
    _ source: SensorSource,
    every interval: Duration
  ) {
    guard table.add(description, at: loop.now) else { return }
    polls.append(Poll(name: description.name, source: source, interval: interval))
  }

  // MARK: Reading

  /// How many sensors there are.
  public var count: Int { table.sensors.count }

  /// What the sensor `name` last said: its value, or why there is none; `nil` when there is none yet.
  public func reading(of name: String) -> Result<Double, SensorTrouble>? {
    switch table[name]?.state {
    case .value(let value): .success(value)
    case .failed(let reason): .failure(SensorTrouble(description: reason))
    case .stale: .failure(SensorTrouble(description: "nothing has come for some time"))
    case .waiting, nil: nil
    }
  }

  private func read() {
    guard !isClosed else { return }
    let now = loop.now
    table.advance(to: now)
    for poll in polls {
      guard let began = poll.began, now - began >= Self.patience else { continue }
      table.record(failure: "it does not answer", of: poll.name, at: now)
    }
    var quick: [(Int, SensorSource)] = []
    for index in polls.indices where polls[index].began == nil && polls[index].due <= now {
      polls[index].began = now
      polls[index].due = next(polls[index].interval, after: now)
      if polls[index].isSlow {
        read([(index, polls[index].source)], by: slowQueue)
      } else {
        quick.append((index, polls[index].source))
      }
    }
    if !quick.isEmpty { read(quick, by: quickQueue) }
    tell()
    rearm()
  }

  /// The next instant at which this sensor is read: sensors with the same interval share theirs.
  private func next(_ interval: Duration, after now: Timestamp) -> Timestamp {
    let interval = watchers.isEmpty ? max(interval, Self.restInterval) : interval
    let step = max(1, interval.inNanoseconds)
    return Timestamp(nanoseconds: (now.nanoseconds / step &+ 1) &* step)
  }

  private func read(_ sources: [(Int, SensorSource)], by queue: BlockingQueue) {
    let (loop, readSource) = (loop, readSource)
    Task {
      let results = await queue.run {
        sources.map { index, source in
          let start = loop.now
          let result = readSource(source)
          return (index, result, loop.now - start)
        }
      }
      take(results ?? [], of: sources.map(\.0))
    }
  }

  private func take(
    _ results: [(Int, Result<Double, SensorFailure>, Duration)],
    of indices: [Int]
  ) {
    guard !isClosed else { return }
    let now = loop.now
    for index in indices { polls[index].began = nil }
    for (index, result, time) in results {
      if time > Self.quick { polls[index].isSlow = true }
      switch result {
      case .success(let value): table.record(value, of: polls[index].name, at: now)
      case .failure(let failure):
        table.record(failure: failure.reason, of: polls[index].name, at: now)
      }
    }
    tell()
    rearm()
  }

  private func rearm() {
    if let readTimer { loop.cancel(readTimer) }
    readTimer = nil
    guard !isClosed else { return }
    var deadline = table.deadline
    let now = loop.now
    for poll in polls {
      guard let began = poll.began else {
        deadline = deadline.earlier(poll.due)
        continue
      }
      // What has been told as failed is waited for, however long it takes.
      if now - began < Self.patience { deadline = deadline.earlier(began + Self.patience) }
    }
    guard let deadline else { return }
    readTimer = loop.schedule(at: deadline) { [weak self] in
      self?.assumeIsolated {
        $0.readTimer = nil
        $0.read()
      }
    }
  }

  // MARK: Pushed values

  /// Takes a line that another program pushed; answers why not, in a sentence for its author.
  public func push(_ line: [UInt8]) -> String? {
    let pushed: PushedValue
    do throws(PushedLineError) {
      pushed = try PushedValue(parsing: line)
    } catch {
      table.countRefused()
      return error.description
    }
    let before = table.deadline
    let refusal = table.push(pushed, at: loop.now)
    // Another value only puts the deadline off: the timer may come too early.
    if before == nil { rearm() }
    tell()
    return refusal
  }

  /// Counts a line that was too long, or one too many.
  func countRefused() {
    table.countRefused()
  }

  // MARK: Telling

  /// Begins to tell `tell`: the list of sensors, what they say, then the histories one after another.
  public func watch(_ tell: @escaping Teller) -> WatcherID {
    lastWatcher += 1
    let id = WatcherID(number: lastWatcher)
    let now = loop.now
    tell(table.listMessage.description)
    tell(table.valuesMessage(ofAll: true, at: loop.wallClock).description)
    watchers[id] = Watcher(
      tell: tell,
      histories: table.sensors.map(\.description.name),
      listed: now
    )
    sendHistories()
    if watchers.count == 1 {
      toldRevision = table.revision
      table.settleChanges()
      (told, toldWhole) = (now, now)
      for index in polls.indices { polls[index].due = now }
      read()
    }
    return id
  }

  /// Stops telling the one called `id`.
  public func leave(_ id: WatcherID) {
    watchers[id] = nil
  }

  /// Takes what the one called `id` asks for, because it has lost it.
  public func receive(_ message: String, from id: WatcherID) {
    guard let watcher = watchers[id] else { return }
    switch TelemetryRequest(parsing: Array(message.utf8)) {
    case .sensors:
      guard loop.now - watcher.listed >= .seconds(1) else { return }
      watchers[id]?.listed = loop.now
      watcher.tell(table.listMessage.description)
      watcher.tell(table.valuesMessage(ofAll: true, at: loop.wallClock).description)
    case .history(let names):
      for name in names where !watcher.histories.contains(name) && table[name] != nil {
        watchers[id]?.histories.append(name)
      }
      sendHistories()
    case nil: break
    }
  }

  /// Tells what has changed, not sooner than the pace allows.
  private func tell() {
    guard !watchers.isEmpty, !isClosed else { return }
    let now = loop.now
    let isWhole = now - toldWhole >= Self.wholeInterval
    let isDue = now - told >= Self.pace
    guard isDue, isWhole || table.hasChanges else { return rearmTelling() }
    told = now
    if isWhole { toldWhole = now }
    if toldRevision != table.revision {
      toldRevision = table.revision
      tellAll(table.listMessage.description)
    }
    tellAll(table.valuesMessage(ofAll: isWhole, at: loop.wallClock).description)
    table.settleChanges()
    rearmTelling()
  }

  private func tellAll(_ message: String) {
    for watcher in watchers.values { watcher.tell(message) }
  }

  private func rearmTelling() {
    let deadline = table.hasChanges ? told + Self.pace : toldWhole + Self.wholeInterval
    if let tellTimer, loop.reschedule(tellTimer, at: deadline) { return }
    tellTimer = loop.schedule(at: deadline) { [weak self] in
      self?.assumeIsolated {
        $0.tellTimer = nil
        $0.tell()
      }
    }
  }

  /// Sends one history to each who waits for some; what was recorded meanwhile is in the next ones.
  private func sendHistories() {
    guard historyTimer == nil else { return }
    var isWaiting = false
    for (id, watcher) in watchers {
      guard let name = watcher.histories.first else { continue }
      watchers[id]?.histories.removeFirst()
      isWaiting = true
      if let message = table.historyMessage(of: name, at: loop.now, time: loop.wallClock) {
        watcher.tell(message.description)
      }
    }
    guard isWaiting else { return }
    historyTimer = loop.schedule(at: loop.now + Self.historyPace) { [weak self] in
      self?.assumeIsolated {
        $0.historyTimer = nil
        $0.sendHistories()
      }
    }
  }
}

/// Why a sensor has no value.
public struct SensorTrouble: Error, Hashable, Sendable, CustomStringConvertible {
  /// In words.
  public let description: String
}
