// SPDX-License-Identifier: Apache-2.0
private import Glibc

/// Lets one thread sleep until another has something for it.
///
/// Signals do not add up: any number of them wakes the sleeper once. A signal given while nobody
/// sleeps is kept.
@safe public final class Wakeup: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var isSignalled = false

  /// Creates a wakeup without a signal.
  public init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(mutex, nil)
    unsafe condition = .allocate(capacity: 1)
    unsafe condition.initialize(to: pthread_cond_t())
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe condition.deallocate()
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Wakes the sleeper, or the next one who would sleep.
  public func signal() {
    unsafe pthread_mutex_lock(mutex)
    isSignalled = true
    unsafe pthread_cond_signal(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Sleeps until there is a signal, and takes it.
  public func wait() {
    unsafe pthread_mutex_lock(mutex)
    while !isSignalled { unsafe pthread_cond_wait(condition, mutex) }
    isSignalled = false
    unsafe pthread_mutex_unlock(mutex)
  }
}
