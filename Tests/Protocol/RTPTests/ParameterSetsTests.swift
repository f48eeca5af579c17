// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import RTP

/// A class, because expectations cannot call what mutates a value.
@Suite final class ParameterSetsTests {
  private var sets = ParameterSets()

  private func unit(_ units: [UInt8]...) -> H264Depacketizer.AccessUnit {
    var unit = H264Depacketizer.AccessUnit(timestamp: RTPTime(rawValue: 0))
    for bytes in units {
      unit.nalUnits.append(unit.bytes.count..<(unit.bytes.count + bytes.count))
      unit.bytes += bytes
    }
    return unit
  }

  @Test func `knows nothing before the first, and nothing of half a pair`() {
    #expect(sets.complete(unit([0x65, 1])) == nil)
    sets.remember(unit([0x67, 1]))
    #expect(sets.complete(unit([0x67, 1], [0x65, 1])) == nil)
  }

  @Test func `puts what is lacking where it belongs`() {
    sets.remember(unit([0x67, 1], [0x68, 2], [0x68, 3]))
    #expect(sets.complete(unit([0x65, 1])) == unit([0x67, 1], [0x68, 2], [0x68, 3], [0x65, 1]))
    #expect(
      sets.complete(unit([0x09, 0x10], [0x65, 1]))
        == unit([0x09, 0x10], [0x67, 1], [0x68, 2], [0x68, 3], [0x65, 1])
    )
    #expect(
      sets.complete(unit([0x67, 1], [0x65, 1]))
        == unit([0x67, 1], [0x68, 2], [0x68, 3], [0x65, 1])
    )
    let whole = unit([0x67, 9], [0x68, 9], [0x65, 1])
    #expect(sets.complete(whole) == whole)
  }

  @Test func `forgets the pictures' sets of a sequence that has ended`() {
    sets.remember(unit([0x67, 1], [0x68, 2]))
    sets.remember(unit([0x67, 5]))
    #expect(sets.complete(unit([0x65, 1])) == nil)
    sets.remember(unit([0x68, 6]))
    #expect(sets.complete(unit([0x65, 1])) == unit([0x67, 5], [0x68, 6], [0x65, 1]))
  }

  @Test func `keeps no more than any encoder needs`() {
    sets.remember(unit([0x67] + [UInt8](repeating: 1, count: 5000), [0x68, 2]))
    #expect(sets.complete(unit([0x65, 1])) == nil)
  }
}
