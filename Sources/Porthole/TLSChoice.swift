// SPDX-License-Identifier: Apache-2.0

/// Whether HTTPS is spoken, and where its certificate comes from.
enum TLSChoice: Hashable, Sendable {
  /// HTTP only.
  case off
  /// From an authority of this board's own, made at the first start.
  case automatic
  /// From two files of PEM: the certificate with those that lead to its authority, and its key.
  case files(certificate: String, key: String)

  /// Reads `off`, `auto` or `CERT,KEY`.
  init(_ text: String) throws(ValueFault) {
    switch text {
    case "off": self = .off
    case "auto": self = .automatic
    default:
      let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .map { String(decoding: Array($0), as: UTF8.self) }
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
        throw ValueFault(
          "takes off, auto, or the paths of a certificate and its key with a comma between, not "
            + "\"\(text)\""
        )
      }
      self = .files(certificate: parts[0], key: parts[1])
    }
  }
}
