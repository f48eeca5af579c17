// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import Testing
import Wire

@testable import RTP

@Suite struct RetransmissionHistoryTests {
  private func number(_ raw: Int) -> SequenceNumber {
    SequenceNumber(rawValue: UInt16(truncatingIfNeeded: raw))
  }

  private func entry(
    _ timestamp: UInt32,
    of frame: EncodedFrame,
    at now: Timestamp
  ) -> RetransmissionHistory.Entry {
    .init(
      frame: frame,
      sent: now,
      timestamp: RTPTime(rawValue: timestamp),
      piece: .single(unit: 0),
      marker: true,
      hasExtensions: false,
      playoutDelay: .none
    )
  }

  @Test func `remembers the last 1,024 packets across the wrap`() {
    var random = RandomSource.seeded(1)
    let frame = EncodedFrame.sample([10], using: &random)
    var history = RetransmissionHistory(memory: .seconds(1))
    for raw in 64_000..<67_000 {
      history.append(entry(UInt32(raw), of: frame, at: .zero), number(raw))
      let oldest = max(64_000, raw - 1023)
      #expect(history[number(oldest)]?.timestamp.rawValue == UInt32(oldest))
    }
    #expect(history[number(66_999)]?.timestamp.rawValue == 66_999)
    #expect(history[number(66_999 - 1023)]?.timestamp.rawValue == UInt32(65_976))
    #expect(history[number(66_999 - 1024)] == nil)
    #expect(history[number(67_000)] == nil)
  }

  @Test func `lets frames go when the memory is over`() {
    var random = RandomSource.seeded(1)
    var frame: EncodedFrame? = .sample([10], using: &random)
    weak let watched = frame
    var history = RetransmissionHistory(memory: .seconds(1))
    if let frame { history.append(entry(1, of: frame, at: .zero), number(1)) }
    frame = nil
    history.expire(at: .zero + .seconds(1))
    #expect(watched != nil)
    history.expire(at: .zero + .milliseconds(1001))
    #expect(watched == nil)
    #expect(history[number(1)] == nil)
  }

  @Test func `remembers nothing without a memory`() {
    var random = RandomSource.seeded(1)
    var history = RetransmissionHistory(memory: .zero)
    history.append(entry(1, of: .sample([10], using: &random), at: .zero), number(1))
    #expect(history[number(1)] == nil)
  }

  @Test func `spends 48 bytes on a packet`() {
    #expect(MemoryLayout<RetransmissionHistory.Entry?>.stride == 48)
  }
}
