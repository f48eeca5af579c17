// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import SDP
internal import WebRTC

extension ViewerSessions {
  /// Candidates of a browser are a few dozen; more are of no use to ICE either.
  static let maximumCandidates = 100

  /// `PATCH` on a session: candidates are taken, other credentials restart ICE (RFC 9725 section 4.3).
  ///
  /// What would be refused anyway is refused before the condition is looked at (RFC 9110
  /// section 13.2.1). A refused restart leaves the session as it was.
  func patch(_ id: String, _ request: HTTPRequest) async -> HTTPResponse {
    guard request.contentType == ICEUpdate.mediaType else {
      return .sentence(415, "ICE is updated by Content-Type: \(ICEUpdate.mediaType).")
        .with("Accept-Patch", ICEUpdate.mediaType)
    }
    guard let session = sessions[id], let local = await session.localDescription,
      let tag = EntityTag(of: local), let offer = try? SessionDescription(parsing: session.offer)
    else { return Self.nothing }
    do throws(HTTPRefusal) {
      let update = try ICEUpdate(parsing: request.body, for: offer)
      if let refusal = tag.refusal(of: request.headers) { throw refusal }
      guard update.restarts(offer) else { return await trickle(id, update) }
      return try await restart(id, update.restarting(offer, limit: Self.maximumCandidates))
    } catch {
      return error.response
    }
  }

  /// Candidates of unknown transports, with names, or past the limit are passed over.
  private func trickle(_ id: String, _ update: ICEUpdate) async -> HTTPResponse {
    guard let session = sessions[id] else { return Self.nothing }
    let taken = update.candidates.prefix(max(0, Self.maximumCandidates - session.candidates))
    sessions[id]?.candidates += taken.count
    for text in taken {
      let candidate = RTCIceCandidate(
        candidate: text,
        sdpMid: update.mid,
        usernameFragment: update.usernameFragment
      )
      try? await session.connection.addIceCandidate(candidate)
    }
    if update.isEndOfCandidates { try? await session.connection.addIceCandidate(nil) }
    return HTTPResponse(204)
  }

  private func restart(
    _ id: String,
    _ offer: SessionDescription
  ) async throws(HTTPRefusal) -> HTTPResponse {
    let admission = await renew(id, offer: offer.description)
    if case .refused(let refusal) = admission { throw refusal }
    guard case .answered(_, let sdp) = admission,
      let local = try? SessionDescription(parsing: sdp), let tag = EntityTag(of: local)
    else { return Self.nothing }
    sessions[id]?.candidates = offer.media.reduce(0) { $0 + $1.candidates.count }
    return HTTPResponse(200, body: Array(ICEUpdate.answer(from: local).description.utf8))
      .with("Content-Type", ICEUpdate.mediaType)
      .with("ETag", tag.description)
      .with("Cache-Control", "no-store")
  }
}
