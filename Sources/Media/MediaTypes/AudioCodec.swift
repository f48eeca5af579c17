// SPDX-License-Identifier: Apache-2.0

/// How sound is encoded, by the name that RTP has for it.
public enum AudioCodec: String, Hashable, Sendable, CaseIterable {
  /// RFC 7587.
  case opus
  /// The µ-law of G.711 (RFC 3551 section 4.5.14).
  case pcmu = "PCMU"
  /// The A-law of G.711.
  case pcma = "PCMA"

  /// Ticks of its RTP clock in a second.
  public var clockRate: Int { self == .opus ? 48_000 : 8_000 }
}
