// SPDX-License-Identifier: Apache-2.0

/// Why a connection ends by its own decision: a code and a sentence for a person.
struct WebSocketFailure: Error {
  let code: WebSocketCloseCode
  let reason: String

  init(_ code: WebSocketCloseCode, _ reason: String) {
    self.code = code
    self.reason = reason
  }
}
