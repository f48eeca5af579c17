// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// The museum: inputs that have ended other programs from afar, one check for each public report.
  ///
  /// Each says what the input does, and what is seen of us after it. Protocols to come add their own.
  public static let museum: [Check] =
    museumSTUN + museumDTLS + museumSRTP + museumRTP + museumRTCP + museumH264 + museumSDP
    + museumSCTP + museumJSON + museumTOML + museumHTTP + museumWebSocket + museumSession
}
