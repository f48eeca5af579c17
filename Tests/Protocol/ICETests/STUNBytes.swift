// SPDX-License-Identifier: Apache-2.0
import ICE

/// Arrays in place of spans, which `#expect` cannot look into.
extension STUNMessage {
  init?(of bytes: [UInt8]) {
    self.init(parsing: bytes.span)
  }

  func isAuthentic(_ bytes: [UInt8], key: [UInt8]) -> Bool {
    isAuthentic(bytes.span, key: key)
  }

  func hasUsername(_ expected: String, in bytes: [UInt8]) -> Bool {
    hasUsername(expected.utf8, in: bytes.span)
  }
}

extension ICEAgent {
  static func isSTUN(_ bytes: [UInt8]) -> Bool {
    isSTUN(bytes.span)
  }

  static func requestedUsernameFragment(_ bytes: [UInt8]) -> String? {
    requestedUsernameFragment(bytes.span)
  }
}
