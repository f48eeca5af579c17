// SPDX-License-Identifier: Apache-2.0

/// What the program prints when it serves: where to look.
struct Announcement {
  /// Hosts by which this board is reached.
  let hosts: [String]
  let port: UInt16
  /// The token to watch with; `nil` when none is asked for.
  let token: String?
  /// The token to control with; `nil` when none is asked for, or when there is nothing to control.
  let controlToken: String?

  var text: String {
    var text = "Open in a browser:\n" + addresses(token)
    if let controlToken, controlToken != token {
      text += "To control, not only to watch:\n" + addresses(controlToken)
    }
    return text
  }

  private func addresses(_ token: String?) -> String {
    let query = token.map { "?token=\($0)" } ?? ""
    return hosts.map { "  http://\(ListenAddress(host: $0, port: port))/\(query)\n" }.joined()
  }
}
