// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// STUN and ICE: vectors, simulations and hostile peers.
  public static let ice: [Check] =
    stunVectors + iceConnections + iceConsent + iceHostility + iceMutations
}
