// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Certificates and keys as text (RFC 7468).
public enum PEM {
  /// The label of a certificate.
  public static let certificate = "CERTIFICATE"
  /// The label of a private key as `TLSAuthority` makes them (RFC 5915 section 4).
  public static let privateKey = "EC PRIVATE KEY"

  /// The text of `bytes`, which are what `label` says.
  public static func text(_ label: String, _ bytes: [UInt8]) -> String {
    var lines = ["-----BEGIN \(label)-----"]
    var rest = Array(Text.base64(bytes).utf8)[...]
    while !rest.isEmpty {
      lines.append(String(decoding: rest.prefix(64), as: UTF8.self))
      rest = rest.dropFirst(64)
    }
    lines.append("-----END \(label)-----\n")
    return lines.joined(separator: "\n")
  }

  /// The first of what `label` says in `text`; `nil` when there is none, or it is damaged.
  public static func bytes(_ label: String, in text: [UInt8]) -> [UInt8]? {
    let begin = Array("-----BEGIN \(label)-----".utf8)
    let end = Array("-----END \(label)-----".utf8)
    var letters: [UInt8]?
    for line in text.split(separator: 0x0A) {
      let line = line.filter { $0 > 0x20 }
      // Compared without the blanks of the labels, which were left out above.
      if line == begin.filter({ $0 > 0x20 }) {
        letters = letters ?? []
      } else if line == end.filter({ $0 > 0x20 }) {
        return letters.flatMap { Text.bytes(base64: String(decoding: $0, as: UTF8.self)) }
      } else {
        letters? += line
      }
    }
    return nil
  }
}
