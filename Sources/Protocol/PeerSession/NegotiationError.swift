// SPDX-License-Identifier: Apache-2.0
public import SDP

/// Why a description cannot be made or applied.
public enum NegotiationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text is not a session description.
  case malformed(SDPError)
  /// It is one, but cannot be used; the sentence says why.
  case unusable(String)
  /// The exchange stands where this cannot be done; the sentence says why.
  case invalidState(String)
  /// There is no remote description yet.
  case noRemoteDescription
  /// The candidate cannot be read.
  case malformedCandidate
  /// The local description is not the one that was created.
  case modified

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .malformed(let error): "The \(error)."
    case .unusable(let reason), .invalidState(let reason): reason
    case .noRemoteDescription: "There is no remote description yet."
    case .malformedCandidate: "The candidate cannot be read as RFC 8839 section 5.1 writes it."
    case .modified: "The local description is not the one that was created."
    }
  }
}

/// Where the exchange of descriptions stands (RFC 9429 section 3.2).
public enum SignalingState: String, Hashable, Sendable {
  /// No exchange is under way.
  case stable
  /// Our offer waits for its answer.
  case haveLocalOffer
  /// The peer's offer waits for our answer.
  case haveRemoteOffer
  /// Our provisional answer is in force.
  case haveLocalProvisionalAnswer
  /// The peer's provisional answer is in force.
  case haveRemoteProvisionalAnswer
}

/// The kind of a description.
public enum DescriptionKind: Hashable, Sendable {
  /// An offer.
  case offer
  /// An answer that another one may follow.
  case provisionalAnswer
  /// An answer.
  case answer
}
