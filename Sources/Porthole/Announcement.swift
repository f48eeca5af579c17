// SPDX-License-Identifier: Apache-2.0

/// What the program prints when it serves: where to look.
struct Announcement {
  /// What there is to say of HTTPS.
  enum Security {
    /// A certificate for these names.
    case known([String])
    /// An authority of the board's own, with this fingerprint.
    case own(String)
  }

  /// Hosts by which this board is reached.
  let hosts: [String]
  let port: UInt16
  /// The token to watch with; `nil` when none is asked for.
  let token: String?
  /// The token to control with; `nil` when none is asked for, or when there is nothing to control.
  let controlToken: String?
  /// `nil` when there is nothing to say.
  var security: Security?

  var text: String {
    var text = "Open in a browser:\n" + addresses(token)
    if let controlToken, controlToken != token {
      text += "To control, not only to watch:\n" + addresses(controlToken)
    }
    switch security {
    case .known(let names) where !names.isEmpty:
      text += "By HTTPS, which browsers want for camera and microphone:\n"
      text += addresses(token, "https", names)
    case .own(let fingerprint):
      text += "To share camera or microphone, let the browser trust this board:\n"
      if let host = hosts.first {
        text += "  http://\(ListenAddress(host: host, port: port))/trust\n"
      }
      text += "  SHA-256 of its authority: \(fingerprint)\n"
    case .known, nil: break
    }
    return text
  }

  private func addresses(
    _ token: String?,
    _ scheme: String = "http",
    _ names: [String]? = nil
  ) -> String {
    let query = token.map { "?token=\($0)" } ?? ""
    return (names ?? hosts).map {
      "  \(scheme)://\(ListenAddress(host: $0, port: port))/\(query)\n"
    }.joined()
  }
}
