// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
import Synchronization
import Testing
import Wire

private actor Counter: EventLoopActor {
  nonisolated let loop: EventLoop
  private(set) var count = 0

  init(on loop: EventLoop) {
    self.loop = loop
  }

  func add() -> Int {
    #expect(loop.isOnLoop)
    count += 1
    return count
  }

  func addLater() {
    loop.schedule(at: loop.now) { self.count += 1 }
  }

  func sleep(for duration: Duration) async throws(CancellationError) {
    try await loop.sleep(for: duration)
    #expect(loop.isOnLoop)
  }
}

private actor Ordinary {
  let loop: EventLoop

  init(_ loop: EventLoop) {
    self.loop = loop
  }

  var isOnLoop: Bool { loop.isOnLoop }
}

@MainActor private func isMainActorOn(_ loop: EventLoop) -> Bool { loop.isOnLoop }

@Suite struct TasksTests {
  @Test func `runs an actor of the loop on the loop's thread`() async throws {
    let loop = try EventLoop.start()
    let counter = Counter(on: loop)
    await withTaskGroup { group in
      for _ in 0..<100 { group.addTask { _ = await counter.add() } }
    }
    #expect(await counter.add() == 101)
    await counter.addLater()
    try await loop.sleep(for: .zero)
    #expect(await counter.add() == 103)
    loop.stop()
  }

  @Test func `lets a handler of the loop enter such an actor at once`() async throws {
    let loop = try EventLoop.start()
    let counter = Counter(on: loop)
    let count = await withCheckedContinuation { continuation in
      loop.post { continuation.resume(returning: counter.assumeIsolated { $0.add() }) }
    }
    #expect(count == 1)
    loop.stop()
  }

  @Test func `sleeps at least as long as told, on and off the loop`() async throws {
    let loop = try EventLoop.start()
    let start = loop.now
    try await loop.sleep(for: .milliseconds(2))
    #expect(loop.now - start >= .milliseconds(2))
    try await Counter(on: loop).sleep(for: .milliseconds(2))
    #expect(loop.now - start >= .milliseconds(4))
    try await loop.sleep(until: .zero)
    loop.stop()
  }

  @Test(arguments: [true, false])
  func `wakes a sleeper that is cancelled`(isOnLoop: Bool) async throws {
    let loop = try EventLoop.start()
    let counter = Counter(on: loop)
    let sleeper = Task {
      if isOnLoop {
        try await counter.sleep(for: .seconds(3600))
      } else {
        try await loop.sleep(for: .seconds(3600))
      }
    }
    _ = await counter.add()
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    let late = Task {
      unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
      try await loop.sleep(for: .seconds(3600))
    }
    await #expect(throws: CancellationError.self) { try await late.value }
    loop.stop()
  }

  @Test func `runs every task of a process that has given it its tasks, with no more threads`()
    async
  {
    await #expect(processExitsWith: .exitCode(42)) {
      exit(try runAdopted())
    }
  }
}

/// Runs tasks of every kind on an adopting loop of this thread; answers 42 when all landed on it.
private func runAdopted() throws -> Int32 {
  let loop = try EventLoop()
  loop.adoptGlobalTasks()
  let before = threadNames().count
  let counter = Counter(on: loop)
  let code = Shared<Int32>(1)
  Task { @MainActor in
    var onLoop = [loop.isOnLoop, isMainActorOn(loop)]
    for _ in 0..<1000 { _ = await counter.add() }
    onLoop.append(await Task { loop.isOnLoop }.value)
    onLoop.append(await Task.detached { loop.isOnLoop }.value)
    onLoop.append(await Task.detached { await isMainActorOn(loop) }.value)
    onLoop.append(await Ordinary(loop).isOnLoop)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<10 { group.addTask(priority: .high) { loop.isOnLoop } }
      for await isOnLoop in group { onLoop.append(isOnLoop) }
    }
    async let child = loop.isOnLoop
    onLoop.append(await child)
    try? await counter.sleep(for: .milliseconds(1))
    // Threads may end meanwhile, but none may come.
    let grown = threadNames().count - before
    let wasOnLoop = await loop.offload { loop.isOnLoop }
    let worker = threadNames().filter { $0 == "worker" }.count
    let isRight = onLoop.allSatisfy(\.self) && grown <= 0 && !wasOnLoop && worker == 1
    code.value.withLock { $0 = isRight ? 42 : 2 }
    loop.stop()
  }
  loop.run()
  return code.value.withLock { $0 }
}
