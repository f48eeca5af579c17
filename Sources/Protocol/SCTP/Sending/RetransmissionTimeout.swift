// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// How long to wait for an answer (RFC 9260 section 6.3.1).
struct RetransmissionTimeout: Sendable {
  /// The smoothed round-trip time, once measured.
  private(set) var smoothed: Duration?
  /// The timeout now.
  private(set) var current: Duration
  private var variation = Duration.zero
  private let minimum: Duration
  private let maximum: Duration

  init(_ configuration: SCTPConfiguration) {
    current = configuration.initialTimeout
    minimum = configuration.minimumTimeout
    maximum = configuration.maximumTimeout
  }

  /// Takes a round trip that was measured.
  mutating func measure(_ sample: Duration) {
    // A clock that stands or a suspended machine tells nothing.
    guard sample >= .zero, sample <= maximum else { return }
    if let smoothed {
      let difference = smoothed > sample ? smoothed - sample : sample - smoothed
      variation = (variation * 3 + difference) / 4
      self.smoothed = (smoothed * 7 + sample) / 8
    } else {
      smoothed = sample
      variation = sample / 2
    }
    let timeout = (smoothed ?? sample) + max(variation * 4, .milliseconds(1))
    current = min(max(timeout, minimum), maximum)
  }

  /// Doubles after a timeout (RFC 9260 section 6.3.3).
  mutating func backOff() {
    current = min(current * 2, maximum)
  }
}
