// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// What a thread waits at, as at a device that does not answer.
final class Gate: Sendable {
  private let isOpen = Atomic(false)

  /// Waits until the gate is open.
  func pass() {
    while !isOpen.load(ordering: .acquiring) { usleep(2_000) }
  }

  func open() { isOpen.store(true, ordering: .releasing) }

  /// Opens it when so much time has passed on the caller's thread.
  func open(after time: Duration) {
    usleep(UInt32(time.components.attoseconds / 1_000_000_000_000))
    open()
  }

  func close() { isOpen.store(false, ordering: .releasing) }
}
