// SPDX-License-Identifier: Apache-2.0
private import Glibc
public import Wire

/// The clock of everything that is captured: CLOCK_MONOTONIC, as the camera drivers and the event
/// loop use it.
public enum MediaClock {
  /// The present instant.
  public static var now: Timestamp {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }

  /// How long the calling thread has computed since it began.
  public static var threadTime: Duration {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .nanoseconds(Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }
}
