// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import JSON
internal import JSONRPC
internal import Wire

extension BoardControls {
  /// Actions that may run at the same time.
  static let maximumRuns = 4
  /// Bytes of what an action writes that are kept.
  static let maximumOutput = 4096

  /// Starts an action and waits for its end; each runs once at a time.
  ///
  /// Its words are the configuration's and nothing else (S15).
  func run(_ control: BoardControl) async throws(JSONRPCError) -> JSONValue {
    guard
      let action = configuration.actions.first(where: { "action.\($0.name)" == control.id })
    else { throw Self.unknown(control.id) }
    guard !control.isRunning else {
      throw JSONRPCError(Code.busy, "\(control.label) runs already.")
    }
    guard controls.lazy.filter(\.isRunning).count < Self.maximumRuns else { throw Self.busy }
    change(control.id) { $0.isRunning = true }
    defer { change(control.id) { $0.isRunning = false } }
    let command = action.command
    let started = await queue.run { StartedChild(command) }
    guard let started else { throw Self.busy }
    guard !isClosed else { throw Self.busy }
    if let failure = started.failure {
      change(control.id) { $0.problem = failure.description }
      throw JSONRPCError(Code.device, "\(failure.description).")
    }
    let outcome = await follow(started, action, control.id)
    change(control.id) { $0.problem = Self.problem(outcome, action) }
    return [
      "id": .string(control.id), "status": .integer(Int64(outcome.status)),
      "output": .string(String(decoding: outcome.output, as: UTF8.self)),
      "cut": .bool(outcome.isCut), "late": .bool(outcome.isTooLate),
    ]
  }

  private func follow(
    _ started: StartedChild,
    _ action: ActionConfiguration,
    _ id: String
  ) async -> ChildRun.Outcome {
    await withCheckedContinuation { continuation in
      guard let child = started.take() else { return }
      runs[id] = ChildRun(child, on: loop, time: action.time, limit: Self.maximumOutput) {
        [weak self] outcome in
        self?.assumeIsolated { $0.runs[id] = nil }
        continuation.resume(returning: outcome)
      }
    }
  }

  private static func problem(
    _ outcome: ChildRun.Outcome,
    _ action: ActionConfiguration
  ) -> String? {
    if outcome.isTooLate { return "it was ended after \(action.time.inSeconds) s" }
    return outcome.status == 0 ? nil : "it ended with \(outcome.status)"
  }
}

/// A program on its way from the thread that started it to the loop.
private final class StartedChild: @unchecked Sendable {
  // Sendable without the compiler's proof: the queue orders the two threads' accesses.
  private var child: ChildProcess?
  /// Why it could not be started.
  let failure: ChildProcess.Failure?

  init(_ words: [String]) {
    do throws(ChildProcess.Failure) {
      child = try ChildProcess(words)
      failure = nil
    } catch {
      failure = error
    }
  }

  func take() -> ChildProcess? { child.take() }
}
