// SPDX-License-Identifier: Apache-2.0
private import Synchronization

extension EventLoop {
  /// Does `body` on the loop's thread and answers its result; from any thread.
  ///
  /// On the loop it is an ordinary call. Elsewhere the calling thread sleeps until the loop has come to it,
  /// which takes as long as one turn of the loop. So that this ends, the loop must be running, about to
  /// run, or stopped: then the calling thread takes its place for as long as `body` takes. A loop must not
  /// call another one that may be calling it.
  public func sync<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    if isOnLoop { return try body() }
    return try withoutActuallyEscaping(body) { body throws(Failure) in
      let visit = Visit(body)
      visits.withLock { _ in
        var isDone = false
        while !isDone {
          let isComing = putUnlessEnded(
            .body {
              visit.run()
              self.visitEnd.signal()
            }
          )
          if isComing { visitEnd.take() }
          // It may have been run again in between.
          isDone = isComing || standIn { visit.run() }
        }
      }
      return try visit.takeResult()
    }
  }
}

/// A closure on its way to the loop, and its result on the way back.
///
/// Sendable without the compiler's proof: whoever brings it sleeps while the loop's thread runs it. The
/// closure is let go of before it wakes, since it does not outlive the call.
private final class Visit<Value, Failure: Error>: @unchecked Sendable {
  private var body: (() throws(Failure) -> Value)?
  private var result: Result<Value, Failure>?

  init(_ body: @escaping () throws(Failure) -> Value) {
    self.body = body
  }

  func run() {
    guard let body = body.take() else { return }
    do throws(Failure) {
      result = .success(try body())
    } catch {
      result = .failure(error)
    }
  }

  func takeResult() throws(Failure) -> Value {
    guard let result = result.take() else { preconditionFailure("the loop has not run yet") }
    return try result.get()
  }
}
