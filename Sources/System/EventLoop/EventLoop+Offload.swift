// SPDX-License-Identifier: Apache-2.0

extension EventLoop {
  /// Does `work` on the worker thread and answers its result; from any thread.
  ///
  /// There is one worker: pieces of work are done one after another. Each caller that waits here is
  /// one place in the queue, so the number of callers bounds it.
  public func offload<Value>(_ work: sending @escaping () -> sending Value) async -> sending Value {
    let errand = Errand(work)
    await withCheckedContinuation { continuation in
      let isAdded = worker.add(isLimited: false) {
        errand.run()
        continuation.resume()
      }
      if !isAdded {
        errand.run()
        continuation.resume()
      }
    }
    return errand.takeResult()
  }

  /// Does `work` on the worker thread, then `completion` on the loop's.
  ///
  /// Loop thread only.
  /// - Returns: `false`, with nothing done, when too much work is waiting already.
  public func offload(
    _ work: @escaping @Sendable () -> Void,
    then completion: @escaping () -> Void
  ) -> Bool {
    lend((), to: { _ in work() }, then: { _ in completion() }) == nil
  }

  /// Lends `value` to the worker thread, which works on it, and takes it back on the loop's.
  ///
  /// Loop thread only.
  /// - Returns: `nil`, or `value` unchanged when too much work is waiting already.
  public func lend<Value: ~Copyable>(
    _ value: consuming sending Value,
    to work: sending @escaping (inout Value) -> Void,
    then completion: @escaping (consuming Value) -> Void
  ) -> Value? {
    requireLoop()
    let loan = Loan(value, work, completion)
    let isAdded = worker.add(isLimited: true) {
      loan.work()
      self.put(.body { loan.complete() })
    }
    return isAdded ? nil : loan.takeBack()
  }
}

/// A closure on its way to the worker, and its result on the way back.
///
/// Sendable without the compiler's proof: the continuation orders the two threads' accesses.
private final class Errand<Value>: @unchecked Sendable {
  private var work: (() -> Value)?
  private var result: Value?

  init(_ work: @escaping () -> Value) {
    self.work = work
  }

  func run() {
    result = work?()
    work = nil
  }

  func takeResult() -> sending Value {
    guard let value = result else { preconditionFailure("the worker has not run yet") }
    result = nil
    return value
  }
}

/// A value on its way to the worker and back.
///
/// Sendable without the compiler's proof: the queues order the two threads' accesses, and only the
/// loop's thread touches `completion`.
private final class Loan<Value: ~Copyable>: @unchecked Sendable {
  private var value: Value?
  private let body: (inout Value) -> Void
  private var completion: ((consuming Value) -> Void)?

  init(
    _ value: consuming Value,
    _ body: @escaping (inout Value) -> Void,
    _ completion: @escaping (consuming Value) -> Void
  ) {
    self.value = consume value
    self.body = body
    self.completion = completion
  }

  func work() {
    guard var lent = value.take() else { return }
    body(&lent)
    value = consume lent
  }

  func complete() {
    guard let lent = value.take() else { return }
    let completion = completion
    self.completion = nil
    completion?(lent)
  }

  func takeBack() -> Value? {
    value.take()
  }
}
