// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import RTP

@Suite struct PlayoutDelayTests {
  @Test func `covers two round trips and the time to notice, in steps`() {
    #expect(PlayoutDelay(coveringRoundTrips: .zero).least == 4)
    #expect(PlayoutDelay(coveringRoundTrips: .milliseconds(20)).least == 8)
    #expect(PlayoutDelay(coveringRoundTrips: .milliseconds(21)).least == 10)
    #expect(PlayoutDelay(coveringRoundTrips: .milliseconds(100)).least == 24)
    for endless in [Duration.seconds(3600), .seconds(Int64.max)] {
      #expect(PlayoutDelay(coveringRoundTrips: endless).least == 40)
    }
  }

  @Test func `leaves room above the least and asks for nothing where nothing is lost`() {
    let delay = PlayoutDelay(coveringRoundTrips: .milliseconds(20))
    #expect(delay.most > delay.least)
    #expect(PlayoutDelay.none.least == 0)
    #expect(PlayoutDelay.none.most == 0)
  }

  @Test func `is near to what differs by a step, but never to none`() {
    let some = PlayoutDelay(coveringRoundTrips: .milliseconds(20))
    #expect(some.isNear(some))
    #expect(some.isNear(PlayoutDelay(coveringRoundTrips: .milliseconds(30))))
    #expect(!some.isNear(PlayoutDelay(coveringRoundTrips: .milliseconds(40))))
    #expect(!some.isNear(.none))
    #expect(!PlayoutDelay.none.isNear(some))
    #expect(PlayoutDelay.none.isNear(.none))
  }
}
