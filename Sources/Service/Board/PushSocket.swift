// SPDX-License-Identifier: Apache-2.0
public import EventLoop
internal import Ringing
internal import Telemetry
internal import Wire

/// The Unix socket at which other programs push values, and ring: JSON objects, one a line.
///
/// Good lines are not answered, but for the outcome of a call that is waited for; each other one is answered
/// with `{"error":…}` in a line. When there are
/// too many connections, the one that has been silent longest gives way. Lives on the loop's thread.
public final class PushSocket: @unchecked Sendable {
  /// Connections at the same time.
  static let maximumConnections = 16
  /// Lines a second that each may push, over time.
  static let maximumRate = 200.0
  /// Bytes of answers that may wait for a program which does not read them.
  static let maximumAnswers = 4096

  private let sensors: BoardSensors
  private let bell: BoardBell?
  private let loop: EventLoop
  private var listener: LocalListener?
  private var connections: [ObjectIdentifier: Connection] = [:]

  private final class Connection {
    let socket: TCPConnection
    var reader = LineReader(limit: PushedValue.maximumLine)
    var answers: [UInt8] = []
    var heard: Timestamp
    /// Lines that may come at once.
    var credit = PushSocket.maximumRate
    var isWarned = false
    /// The call whose outcome is waited for.
    var call: UInt64?
    var follower: BoardBell.FollowerID?
    /// Whether nothing more comes.
    var hasEnded = false

    init(_ socket: TCPConnection, at now: Timestamp) {
      self.socket = socket
      heard = now
    }
  }

  /// Listens at `path` for `sensors` and `bell`, for this user and `group`.
  ///
  /// - Throws: why that cannot be, in one sentence.
  public init(
    at path: String,
    group: String?,
    for sensors: BoardSensors,
    _ bell: BoardBell? = nil
  ) throws(LocalSocketError) {
    self.sensors = sensors
    self.bell = bell
    loop = sensors.loop
    listener = try LocalListener(
      on: loop,
      path: path,
      group: group,
      limit: Self.maximumConnections + 1
    ) { [weak self] socket in self?.accept(socket) }
  }

  /// Stops listening and ends all connections.
  public func close() {
    listener?.close()
    listener = nil
    for connection in connections.values { connection.socket.close() }
    connections = [:]
  }

  private func accept(_ socket: TCPConnection) {
    if connections.count >= Self.maximumConnections,
      let silent = connections.values.min(by: { $0.heard < $1.heard })
    {
      silent.socket.close()
    }
    let connection = Connection(socket, at: loop.now)
    let id = ObjectIdentifier(connection)
    connections[id] = connection
    socket.onReceive = { [weak self] bytes in self?.receive(bytes, connection) }
    socket.onEnd = { [weak self] in
      if let self, let last = connection.reader.finish() { take(last, connection) }
      connection.hasEnded = true
      if connection.call == nil { connection.socket.closeAfterFlush() }
    }
    socket.onClose = { [weak self] _ in
      self?.connections[id] = nil
      self?.leaveBell(connection)
    }
    socket.fill = { slot in
      let part = connection.answers.prefix(slot.freeCapacity)
      for byte in part { slot.append(byte) }
      connection.answers.removeFirst(part.count)
      return !connection.answers.isEmpty
    }
  }

  private func receive(_ bytes: Span<UInt8>, _ connection: Connection) {
    let now = loop.now
    let earned = (now - connection.heard).inSeconds * Self.maximumRate
    connection.credit = min(Self.maximumRate, connection.credit + earned)
    connection.heard = now
    for line in connection.reader.receive(bytes) { take(line, connection) }
  }

  private func take(_ line: LineReader.Line, _ connection: Connection) {
    guard connection.credit >= 1 else {
      sensors.assumeIsolated { $0.countRefused() }
      if !connection.isWarned {
        connection.isWarned = true
        let rate = Int(Self.maximumRate)
        answer("more than \(rate) lines a second came; what is too much is not taken", connection)
      }
      return
    }
    connection.credit -= 1
    switch line {
    case .line(let line):
      if let request = RingRequest(parsing: line) {
        ring(request, connection)
      } else if let refusal = sensors.assumeIsolated({ $0.push(line) }) {
        answer(refusal, connection)
      }
    case .tooLong:
      sensors.assumeIsolated { $0.countRefused() }
      answer("a line has at most \(PushedValue.maximumLine) bytes", connection)
    }
  }

  // MARK: Ringing

  private func ring(_ request: RingRequest, _ connection: Connection) {
    guard let bell else { return answer("nobody can be rung here", connection) }
    switch bell.assumeIsolated({ $0.ring(request.name) }) {
    case .refused: answer("it has rung too often of late: wait some seconds", connection)
    case .rings(let call):
      guard request.waits else { return }
      connection.call = call
      guard connection.follower == nil else { return }
      let id = ObjectIdentifier(connection)
      connection.follower = bell.assumeIsolated { bell in
        bell.follow { [weak self] call in self?.tell(call, id) }
      }
    }
  }

  private func tell(_ call: Doorbell.Call, _ id: ObjectIdentifier) {
    guard let connection = connections[id], call.number == connection.call,
      let outcome = RingOutcome(of: call)
    else { return }
    connection.call = nil
    leaveBell(connection)
    answer(outcome.line, connection)
    if connection.hasEnded { connection.socket.closeAfterFlush() }
  }

  private func leaveBell(_ connection: Connection) {
    guard let follower = connection.follower.take() else { return }
    bell?.assumeIsolated { $0.leave(follower) }
  }

  private func answer(_ refusal: String, _ connection: Connection) {
    answer(PushAnswer(refusal).line, connection)
  }

  private func answer(_ line: [UInt8], _ connection: Connection) {
    guard connection.answers.count + line.count <= Self.maximumAnswers else { return }
    connection.answers += line
    connection.socket.flush()
  }
}
