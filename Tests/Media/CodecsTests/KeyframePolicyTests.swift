// SPDX-License-Identifier: Apache-2.0
import Codecs
import Testing
import Wire

struct KeyframePolicyTests {
  private func at(_ milliseconds: Int64) -> Timestamp {
    Timestamp(nanoseconds: milliseconds * 1_000_000)
  }

  /// Encodes at 100 pictures a second, the first one an IDR; when the others were.
  private func keyframes(
    until end: Int64,
    requests: [(at: Int64, KeyframePolicy.Request)]
  ) -> [Int64] {
    var policy = KeyframePolicy()
    var keyframes: [Int64] = []
    var pending = requests
    for time in stride(from: Int64(0), to: end, by: 10) {
      while let first = pending.first, first.at <= time {
        policy.receive(first.1, at: at(first.at))
        pending.removeFirst()
      }
      guard policy.shouldForce(at: at(time)) || time == 0 else { continue }
      policy.advance(afterKeyframeAt: at(time))
      keyframes.append(time)
    }
    return keyframes
  }

  @Test func `answers the first request with the next picture`() {
    #expect(keyframes(until: 5000, requests: [(2001, .joined)]) == [0, 2010])
  }

  @Test func `makes none that nobody asked for`() {
    #expect(keyframes(until: 60_000, requests: []) == [0])
  }

  @Test func `all who ask before the picture share it`() {
    let requests: [(Int64, KeyframePolicy.Request)] = [
      (2001, .joined), (2003, .lost), (2009, .joined),
    ]
    #expect(keyframes(until: 5000, requests: requests) == [0, 2010])
  }

  @Test func `who lost something shares a picture that is less than 100 ms old`() {
    #expect(keyframes(until: 5000, requests: [(2000, .lost), (2099, .lost)]) == [0, 2000])
    #expect(keyframes(until: 5000, requests: [(2000, .lost), (2100, .lost)]) == [0, 2000, 2300])
  }

  @Test func `who has joined after a picture gets another one, 300 ms after it`() {
    #expect(
      keyframes(until: 5000, requests: [(2000, .joined), (2010, .joined)]) == [0, 2000, 2300]
    )
  }

  @Test func `no two are closer than 300 ms, and in the long run there is one a second`() {
    let storm = (0..<6000).map { (at: Int64($0 * 10), KeyframePolicy.Request.joined) }
    let found = keyframes(until: 60_000, requests: storm)
    let gaps = zip(found.dropFirst(), found).map { $0 - $1 }
    #expect(gaps.allSatisfy { $0 >= 300 })
    #expect(found.count <= 60 + KeyframePolicy.burst)
    #expect(found.count >= 60)
    #expect(gaps.dropFirst(3).allSatisfy { $0 >= 990 })
  }

  @Test func `a bucket that was emptied fills again`() {
    var requests = (0..<40).map { (at: Int64($0 * 100), KeyframePolicy.Request.joined) }
    requests += [(20_000, .joined), (20_310, .joined), (20_620, .joined)]
    let found = keyframes(until: 30_000, requests: requests)
    #expect(Array(found.suffix(3)) == [20_000, 20_310, 20_620])
  }

  @Test func `counts who shared`() {
    var policy = KeyframePolicy()
    for _ in 0..<5 { policy.receive(.joined, at: .zero) }
    #expect(policy.statistics.requests == 5)
    #expect(policy.statistics.shared == 4)
  }
}
