// SPDX-License-Identifier: Apache-2.0
private import CLinux
internal import Synchronization
private import Wire

/// The one thread on which sockets, timers, peers and the API run.
///
/// A loop waits by epoll for descriptors, the next timer, and what other threads post; it is a
/// `SerialExecutor`, so an actor that names it as its own (see ``EventLoopActor``) runs on the loop's
/// thread without a hop.
///
/// A program creates its loop on the main thread, gives it the tasks of the process with
/// ``adoptGlobalTasks()`` and ends in ``run()``. A library that is imported into somebody else's
/// program uses ``start(name:)`` instead, which runs the loop on a thread of its own.
///
/// The loop belongs to the thread that created it until `run()` is called, then to that thread.
/// Calls that say "loop thread only" trap on another one.
///
/// Sendable without the compiler's proof: what more than one thread touches is in `inbox`, `owner`
/// and `isStopping`; all else is touched by the owning thread alone.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
  /// What the loop is to run next.
  ///
  /// Sendable without the compiler's proof: it changes threads only towards the loop, which alone
  /// runs it.
  enum Work: @unchecked Sendable {
    case task(UnownedJob)
    case globalTask(GlobalJob)
    case body(() -> Void)
    case signal(LoopSignal)
  }

  /// What other threads have put in.
  private struct Inbox: ~Copyable {
    var work: [Work] = []
    var isWoken = false
    /// Whether the loop has been stopped and takes nothing out any more.
    var isEnded = false

    /// Whether the loop has to be woken for it.
    mutating func put(_ item: Work) -> Bool {
      work.append(item)
      defer { isWoken = true }
      return !isWoken
    }
  }

  /// A watched descriptor.
  private struct Watch {
    var generation: UInt32 = 0
    var descriptor: Int32 = -1
    var interest: Readiness = []
    var body: ((Readiness) -> Void)?
  }

  private let owner: Atomic<UInt>
  private let isStopping = Atomic(false)
  private let inbox = Mutex(Inbox())
  private let wake: Wake
  /// One caller of `sync` at a time, and how it is woken.
  let visits = Mutex(())
  let visitEnd: Wake
  /// Held by whoever stands in for a loop that has ended.
  private let standIns = Mutex(())
  private var poller: Poller

  var timers = TimerHeap()
  private var watches: [Watch] = []
  private var freeWatches: [Int] = []
  private var ready: [Work] = []
  // The memory of a finished list, for the next one.
  private var spare: [Work] = []
  private var received: [Work] = []
  var signalBodies: [ProcessSignal: () -> Void] = [:]
  var signalWatch: WatchID?
  let worker: Worker
  // One buffer for the streams, which are read one after another.
  private var readBuffer = [UInt8](repeating: 0, count: EventLoop.readBytes)

  /// How much is read from a stream at a time.
  static let readBytes = 16_384

  /// Creates a loop that belongs to the calling thread.
  ///
  /// From now on the process ignores SIGPIPE: writing to a connection that the peer has closed is
  /// an error of that connection, not the end of the program.
  public init() throws(EventLoopError) {
    poller = try Poller()
    wake = try Wake(blocking: false)
    visitEnd = try Wake(blocking: true)
    worker = try Worker()
    owner = Atomic(UInt(clinux_thread_identity()))
    let code = poller.add(wake.descriptor, token: .max, .readable)
    guard code == 0 else { throw .system(action: "watch an event counter", code: code) }
    clinux_signals_ignore_broken_pipes()
  }

  deinit {
    worker.stop()
  }

  /// Whether the calling thread is the loop's.
  public var isOnLoop: Bool {
    owner.load(ordering: .relaxed) == UInt(clinux_thread_identity())
  }

  /// Traps unless the calling thread is the loop's.
  func requireLoop(_ function: StaticString = #function) {
    precondition(isOnLoop, "\(function) must be called on the event loop's thread")
  }

  // MARK: Running

  /// Runs the loop on the calling thread until ``stop()``.
  ///
  /// The work that is already waiting when the loop is told to stop is still done. A loop that was
  /// told to stop before it ran returns after one turn; it can be run again.
  public func run() {
    standIns.withLock { _ in
      inbox.withLock { $0.isEnded = false }
      owner.store(UInt(clinux_thread_identity()), ordering: .relaxed)
    }
    repeat {
      turn()
    } while !isStopping.load(ordering: .acquiring)
    takeInbox()
    runReady()
    isStopping.store(false, ordering: .releasing)
    // Who sleeps in `sync` is not left behind.
    while !endUnlessAsked() {
      takeInbox()
      runReady()
    }
  }

  private func endUnlessAsked() -> Bool {
    inbox.withLock { inbox in
      inbox.isEnded = inbox.work.isEmpty
      return inbox.isEnded
    }
  }

  /// Lets the calling thread be the loop's while it runs `body`, if the loop has ended; one thread at a
  /// time, and `run()` waits for it.
  func standIn(_ body: () -> Void) -> Bool {
    standIns.withLock { _ in
      guard inbox.withLock({ $0.isEnded }) else { return false }
      let before = owner.exchange(UInt(clinux_thread_identity()), ordering: .acquiringAndReleasing)
      body()
      owner.store(before, ordering: .releasing)
      return true
    }
  }

  /// Makes ``run()`` return after what it is doing; from any thread.
  public func stop() {
    isStopping.store(true, ordering: .releasing)
    wake.signal()
  }

  /// Runs a loop of its own on a new thread, for programs that import the library.
  ///
  /// Tasks of the process stay where they are: only actors of the loop, its timers and its sockets
  /// run there. The thread ends at ``stop()``.
  /// - Parameter name: What the thread is called, at most 15 bytes.
  /// - Returns: The loop, which may be used at once.
  /// - Throws: `EventLoopError.system` when the kernel gives no descriptors or no thread.
  public static func start(name: String = "loop") throws(EventLoopError) -> EventLoop {
    let loop = try EventLoop()
    // Until the new thread runs it, the loop is nobody's: all that comes goes through the inbox.
    loop.owner.store(0, ordering: .relaxed)
    try startThread(name: name) {
      loop.run()
      // Another thread may get this one's identity.
      loop.owner.store(0, ordering: .releasing)
    }
    return loop
  }

  private func turn() {
    let count = poller.wait(nanoseconds: patience())
    for index in 0..<count {
      let event = poller.event(index)
      if event.token == .max {
        wake.take()
      } else {
        dispatch(event.token, event.ready)
      }
    }
    fireTimers()
    takeInbox()
    // A few rounds, so that tasks which hand over to one another do not cost a system call each,
    // but no more, so that they cannot keep the sockets waiting.
    var rounds = 16
    while !ready.isEmpty, rounds > 0 {
      runReady()
      rounds -= 1
    }
  }

  /// How long the loop may sleep: negative for ever.
  private func patience() -> Int64 {
    if !ready.isEmpty { return 0 }
    guard let deadline = timers.deadline else { return -1 }
    return max(0, (deadline - now).inNanoseconds)
  }

  private func fireTimers() {
    guard timers.count > 0 else { return }
    let now = now
    // What a timer adds is not due before the next turn.
    var most = timers.count
    while most > 0, let body = timers.popDue(at: now) {
      body()
      most -= 1
    }
  }

  private func takeInbox() {
    inbox.withLock { inbox in
      swap(&inbox.work, &received)
      inbox.isWoken = false
    }
    guard !received.isEmpty else { return }
    ready.append(contentsOf: received)
    received.removeAll(keepingCapacity: true)
  }

  private func runReady() {
    var work: [Work] = []
    swap(&work, &spare)
    swap(&work, &ready)
    for item in work { perform(item) }
    work.removeAll(keepingCapacity: true)
    swap(&work, &spare)
  }

  private func perform(_ work: Work) {
    switch work {
    case .task(let job): runTask(job)
    case .globalTask(let job): job.run()
    case .body(let body): body()
    case .signal(let signal): signal.run()
    }
  }

  /// Puts work in, from any thread.
  func put(_ work: Work) {
    if isOnLoop {
      ready.append(work)
    } else {
      putFromOutside(work)
    }
  }

  private func putFromOutside(_ work: Work) {
    let mustWake = inbox.withLock { $0.put(work) }
    if mustWake { wake.signal() }
  }

  /// Puts work in from outside for a loop that will run it; `false` when it has ended.
  func putUnlessEnded(_ work: Work) -> Bool {
    let mustWake: Bool? = inbox.withLock { $0.isEnded ? nil : $0.put(work) }
    if mustWake == true { wake.signal() }
    return mustWake != nil
  }

  /// Runs `body` on the loop, from any thread; in the order of posting, never at once.
  public func post(_ body: @escaping @Sendable () -> Void) {
    put(.body(body))
  }

  // MARK: Descriptors

  /// Names a watched descriptor.
  struct WatchID: Equatable {
    fileprivate let slot: Int
    fileprivate let generation: UInt32
  }

  /// Calls `body` whenever `descriptor` is ready for what `interest` says.
  ///
  /// Loop thread only.
  func watch(
    _ descriptor: Int32,
    _ interest: Readiness,
    _ body: @escaping (Readiness) -> Void
  ) throws(EventLoopError) -> WatchID {
    requireLoop()
    if freeWatches.isEmpty {
      freeWatches.append(watches.count)
      watches.append(Watch())
    }
    let slot = freeWatches.removeLast()
    let id = WatchID(slot: slot, generation: watches[slot].generation)
    let code = poller.add(descriptor, token: Self.token(id), interest)
    guard code == 0 else {
      freeWatches.append(slot)
      throw .system(action: "watch a descriptor", code: code)
    }
    watches[slot].descriptor = descriptor
    watches[slot].interest = interest
    watches[slot].body = body
    return id
  }

  /// Watches for something else from now on.
  ///
  /// Loop thread only.
  func change(_ id: WatchID, _ interest: Readiness) {
    requireLoop()
    guard watches[id.slot].generation == id.generation, watches[id.slot].interest != interest else {
      return
    }
    watches[id.slot].interest = interest
    poller.change(watches[id.slot].descriptor, token: Self.token(id), interest)
  }

  /// Stops watching; must come before the descriptor is closed.
  ///
  /// Loop thread only.
  func unwatch(_ id: WatchID) {
    requireLoop()
    guard watches[id.slot].generation == id.generation else { return }
    poller.remove(watches[id.slot].descriptor)
    forget(id)
  }

  /// Stops watching for an owner that is going away, on whatever thread, and closes the descriptor.
  func release(_ id: WatchID) {
    if isOnLoop { return unwatch(id) }
    // Closing takes the descriptor off the kernel's list; its number may then be another's.
    post { self.forget(id) }
  }

  private func forget(_ id: WatchID) {
    guard watches[id.slot].generation == id.generation else { return }
    watches[id.slot] = Watch(generation: id.generation &+ 1)
    freeWatches.append(id.slot)
  }

  private static func token(_ id: WatchID) -> UInt64 {
    UInt64(id.slot) << 32 | UInt64(id.generation)
  }

  /// Lets `connection` read into the loop's buffer.
  func read(from connection: TCPConnection) -> StreamDescriptor.Outcome {
    var buffer: [UInt8] = []
    swap(&buffer, &readBuffer)
    defer { swap(&buffer, &readBuffer) }
    return connection.read(into: &buffer)
  }

  private func dispatch(_ token: UInt64, _ ready: Readiness) {
    let slot = Int(token >> 32)
    // An earlier event of the same batch may have ended this watch.
    guard slot < watches.count, watches[slot].generation == UInt32(truncatingIfNeeded: token),
      let body = watches[slot].body
    else { return }
    body(ready)
  }
}
