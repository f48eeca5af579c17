// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import TLS

/// How browsers come to believe this server: `/trust` says it to people, `/ca.crt` is what they install.
///
/// None of it is secret.
enum TrustPages {
  static let paths = ["/trust", "/trust.css", "/ca.crt"]

  /// The answer to a request for one of ``paths``; `trust` is `nil` where there is no TLS.
  static func answer(_ request: HTTPRequest, trust: TLSTrust?) -> HTTPResponse {
    switch (request.path, trust) {
    case ("/trust.css", _):
      return .page(
        Page.Asset(type: "text/css; charset=utf-8", body: PackageResources.trust_css)
      )
    case ("/trust", .authority(let authority)):
      let values = [
        "fingerprint": authority.fingerprint,
        "until": "\(CalendarDate(authority.validTo))",
        "next": next(request),
      ]
      return page(PackageResources.trust_html, values)
    case ("/trust", .known):
      return secure("This Porthole speaks HTTPS", next(request))
    case ("/trust", .waiting(let reason)):
      return secure("There is no HTTPS yet", escaped(reason))
    case ("/trust", nil):
      return secure(
        "This Porthole does not speak HTTPS",
        "It was started with <code>--tls off</code>. Browsers give a camera or a microphone to pages by "
          + "HTTPS only: start it with <code>--tls auto</code> to share yours."
      )
    // PEM: the tools of every system take it.
    case (_, .authority(let authority)):
      return HTTPResponse(
        200,
        headers: ["Content-Type": "application/x-x509-ca-cert", "Cache-Control": "no-cache"],
        body: Array(PEM.text(PEM.certificate, authority.bytes).utf8)
      )
    default:
      return .sentence(404, "This server has no certificate authority of its own.")
    }
  }

  /// Where to go on: to the same page by HTTPS, and from there to the picture.
  ///
  /// Not from here to the picture at once: browsers take that for another site, and bring no cookie.
  private static func next(_ request: HTTPRequest) -> String {
    guard !request.isSecure else {
      return "This page has come by HTTPS. If your browser did not warn of it, all is well: "
        + "<a class=\"go\" href=\"/\">Open the picture</a>"
    }
    guard let authority = request.authority else { return "" }
    let address = "https://\(escaped("\(authority)"))/trust"
    return "Open this page by HTTPS: <a class=\"go\" href=\"\(address)\">\(address)</a>"
  }

  private static func secure(_ headline: String, _ text: String) -> HTTPResponse {
    page(PackageResources.secure_html, ["headline": headline, "text": text])
  }

  private static func page(_ template: [UInt8], _ values: [String: String]) -> HTTPResponse {
    .page(Page.Asset(type: "text/html; charset=utf-8", body: filled(template, values)))
  }

  /// `template` with each `{{name}}` replaced by the HTML that `values` has for it.
  static func filled(_ template: [UInt8], _ values: [String: String]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = template[...]
    let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
    while let byte = rest.popFirst() {
      guard byte == open, rest.first == open, let end = rest.firstIndex(of: close),
        let value = values[String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)]
      else {
        result.append(byte)
        continue
      }
      result += value.utf8
      rest = rest[end...].dropFirst(2)
    }
    return result
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
