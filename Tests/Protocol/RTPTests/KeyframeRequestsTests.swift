// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import RTP

/// A class, because expectations cannot call what mutates a value.
@Suite final class KeyframeRequestsTests {
  private var requests = KeyframeRequests()

  @Test func `asks at once, never more often than every 300 ms, until one comes`() {
    #expect(requests.due == nil && !requests.isWanted)
    requests.want(at: .zero)
    #expect(requests.due == .zero)
    requests.send(at: .zero, roundTripTime: .milliseconds(10))
    requests.want(at: .zero + .milliseconds(100))
    #expect(requests.due == .zero + .milliseconds(300))
    requests.cancel()
    #expect(!requests.isWanted)
    requests.want(at: .zero + .milliseconds(200))
    #expect(requests.due == .zero + .milliseconds(300))
    requests.cancel()
    requests.want(at: .zero + .milliseconds(400))
    #expect(requests.due == .zero + .milliseconds(400))
  }

  @Test func `gives an answer two round trips`() {
    requests.want(at: .zero)
    requests.send(at: .zero, roundTripTime: .milliseconds(400))
    #expect(requests.due == .zero + .milliseconds(800))
    #expect(requests.number == 1)
  }
}
