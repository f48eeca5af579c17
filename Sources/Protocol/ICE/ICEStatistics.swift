// SPDX-License-Identifier: Apache-2.0

/// What an agent has counted since it was made.
public struct ICEStatistics: Hashable, Sendable {
  /// Authentic requests that were answered with success.
  public var requestsReceived = 0
  /// Answers sent, errors included.
  public var responsesSent = 0
  /// Checks sent for the first time, consent included.
  public var requestsSent = 0
  /// Checks sent once more.
  public var retransmissions = 0
  /// Consent checks sent.
  public var consentRequestsSent = 0
  /// Authentic answers that matched a check.
  public var responsesReceived = 0
  /// Role conflicts met, on either side.
  public var roleConflicts = 0
  /// Datagrams that were not well-formed STUN.
  public var malformed = 0
  /// Messages whose FINGERPRINT did not fit.
  public var badFingerprint = 0
  /// Requests for somebody else, or from somebody else than the signalled peer.
  public var badUsername = 0
  /// Messages with no MESSAGE-INTEGRITY or a wrong one.
  public var badIntegrity = 0
  /// Answers to nothing that was asked, or from or to another address than the check.
  public var unexpectedResponses = 0
  /// Requests refused, and answers dropped, for an attribute that had to be understood.
  public var unknownAttributes = 0
  /// Messages of other methods, indications, and datagrams at an address that is no candidate.
  public var ignored = 0
  /// Remote candidates that are names: their checks will be peer-reflexive.
  public var namedCandidates = 0
  /// Remote candidates of other transports and components, of a past generation, impossible, or late.
  public var ignoredCandidates = 0
  /// Remote candidates and pairs over the limits.
  public var overLimit = 0
  /// Datagrams that were dropped because the queue was full or the caller's slot too small.
  public var unsent = 0

  /// Creates statistics of nothing.
  public init() {}
}
