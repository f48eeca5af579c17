// SPDX-License-Identifier: Apache-2.0
internal import HTTP

/// What a page of another origin may do: watch by WHEP, if its origin is allowed (the Fetch standard's
/// CORS protocol).
///
/// Origins are checked before anything here is asked. The answer names the one origin that asked, never
/// `*`, and never allows credentials: such a page sends the token itself, and cookies stay out of it.
enum CrossOrigin {
  /// Whether `path` is for pages of other origins.
  static func isShared(_ path: String) -> Bool {
    path == "/whep" || path.utf8.starts(with: "/whep/".utf8)
  }

  /// The answer to a browser that asks beforehand whether a page may send a request; `nil` when
  /// `request` is no such question.
  ///
  /// It needs no token, since the browser sends none with it, and tells nothing of any session.
  static func preflight(_ request: HTTPRequest) -> HTTPResponse? {
    guard request.method == "OPTIONS", isShared(request.path), request.headers["Origin"] != nil,
      request.headers["Access-Control-Request-Method"] != nil
    else { return nil }
    let isEndpoint = request.path == "/whep"
    let response = isEndpoint ? ViewerSessions.endpointOptions : ViewerSessions.sessionOptions
    return share(response, with: request)
      .with("Access-Control-Allow-Methods", isEndpoint ? "POST" : "PATCH, DELETE")
      .with("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
      .with("Access-Control-Max-Age", "600")
  }

  /// `response` so that the page which asked may read it, with the header fields that WHEP needs.
  static func share(_ response: HTTPResponse, with request: HTTPRequest) -> HTTPResponse {
    guard isShared(request.path) else { return response }
    let varied = response.with("Vary", "Origin")
    guard let origin = request.headers["Origin"] else { return varied }
    return varied.with("Access-Control-Allow-Origin", origin)
      .with("Access-Control-Expose-Headers", "Location, ETag, Link, Accept-Patch, Retry-After")
  }
}
