// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// Everything about SCTP that is to hold on every machine.
  public static let sctp: [Check] =
    sctpHandshakes + sctpTransfers + sctpStreams + sctpHostility + sctpMutations

  /// Seeded mutation of each fuzz target of this area.
  private static let sctpMutations: [Check] = FuzzTarget.sctp.map { target in
    // Commands go on for minutes of virtual time.
    let count = target.name == "sctp" ? 1_000 : 150
    return Check("survives \(count) mutations of \(target.name)") {
      target.mutate(count: count, seed: 1)
    }
  }
}
