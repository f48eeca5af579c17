// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// How many channels of one label each visitor has open: a page needs one, and each costs.
actor ChannelPlaces: EventLoopActor {
  /// Channels of one label for one visitor.
  static let maximum = 4

  nonisolated let loop: EventLoop
  private var taken: [UInt64: Int] = [:]

  init(on loop: EventLoop) {
    self.loop = loop
  }

  /// Takes a place for a channel of `visitor`; `false` when all are taken.
  func enter(_ visitor: UInt64) -> Bool {
    guard taken[visitor, default: 0] < Self.maximum else { return false }
    taken[visitor, default: 0] += 1
    return true
  }

  /// Gives a place of `visitor` back.
  func leave(_ visitor: UInt64) {
    let left = taken[visitor, default: 1] - 1
    taken[visitor] = left > 0 ? left : nil
  }
}
