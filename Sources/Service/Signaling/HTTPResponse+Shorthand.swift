// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import JSON

extension HTTPResponse {
  /// A plain text answer of one sentence.
  static func sentence(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(status, text: text, headers: ["Cache-Control": "no-store"])
  }

  /// A JSON answer.
  static func json(_ status: Int, _ value: JSONValue) -> HTTPResponse {
    HTTPResponse(
      status,
      headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
      body: value.utf8
    )
  }

  /// A part of the built-in page.
  static func page(_ asset: Page.Asset, _ status: Int = 200) -> HTTPResponse {
    HTTPResponse(status, body: asset.body)
      .with("Content-Type", asset.type)
      .with("Cache-Control", "no-cache")
      .with("Content-Security-Policy", Page.contentSecurityPolicy)
      .with("X-Content-Type-Options", "nosniff")
      .with("Referrer-Policy", "no-referrer")
  }

  /// 405 with what is allowed.
  static func methodNotAllowed(_ allowed: String) -> HTTPResponse {
    sentence(405, "This address takes \(allowed).").with("Allow", allowed)
  }

  /// The same answer with one more header.
  func with(_ name: String, _ value: String) -> HTTPResponse {
    var response = self
    response.headers.append(name, value)
    return response
  }
}
