// SPDX-License-Identifier: Apache-2.0
private import SCTP
private import Wire

extension Check {
  /// The messages that open data channels.
  public static let dcep: [Check] = [
    Check("whatever is read as a message that opens a channel is written as it was") {
      try expect(FuzzTarget.dcepSeeds.allSatisfy { DCEPMessage($0.span) != nil }, "a seed is bad")
      for target in FuzzTarget.dcep { target.mutate(count: 20_000, seed: 8832) }
    }
  ]
}

extension FuzzTarget {
  /// Reads a message and writes it again.
  static let dcep: [FuzzTarget] = [
    FuzzTarget("dcep", seeds: dcepSeeds) { input in
      guard let message = DCEPMessage(input.span) else { return }
      let written = message.bytes ?? []
      precondition(DCEPMessage(written.span) == message, "the message does not come back")
      // A reliable channel has a parameter that means nothing.
      if input.count > 1, input[1] & 0x7F != 0 {
        precondition(written == input, "the message is written otherwise")
      }
    }
  ]

  static let dcepSeeds: [[UInt8]] = {
    let opens: [DCEPOpen] = [
      DCEPOpen(label: "chat"),
      DCEPOpen(label: "", subprotocol: "json", isOrdered: false),
      DCEPOpen(label: "ü😀", isOrdered: false, reliability: .retransmissions(0)),
      DCEPOpen(label: "telemetry", reliability: .lifetime(500), priority: 512),
    ]
    return opens.compactMap { DCEPMessage.open($0).bytes } + [[2]]
  }()
}
