// SPDX-License-Identifier: Apache-2.0

/// The built-in page: a fixed table, so that no request can name a file (S19).
enum Page {
  struct Asset {
    let type: String
    let body: [UInt8]
  }

  /// What a person sees who comes without the token: a place to enter it.
  static let locked = Asset(
    type: "text/html; charset=utf-8",
    body: PackageResources.locked_html
  )

  /// Nothing but what this server itself gives (S17); the icon is empty and inline.
  static let contentSecurityPolicy =
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; "
    + "form-action 'self'; frame-ancestors 'self'"

  static func asset(at path: String) -> Asset? {
    switch path {
    case "/":
      Asset(type: "text/html; charset=utf-8", body: PackageResources.index_html)
    case "/porthole.css":
      Asset(type: "text/css; charset=utf-8", body: PackageResources.porthole_css)
    case "/porthole.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.porthole_js)
    case "/sharing.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.sharing_js)
    case "/sound.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.sound_js)
    case "/talk.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.talk_js)
    case "/bell.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.bell_js)
    case "/sensors.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.sensors_js)
    case "/control.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.control_js)
    case "/messages.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.messages_js)
    case "/secure.js":
      Asset(type: "text/javascript; charset=utf-8", body: PackageResources.secure_js)
    default: nil
    }
  }
}
