// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// Everything about SCTP that is to hold on every machine.
  public static let sctp: [Check] = sctpTransfers
}
