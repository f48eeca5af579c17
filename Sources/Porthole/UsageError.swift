// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a command line or a configuration file, in one sentence that says what to do.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// What is wrong with one value, as the rest of a sentence that begins with the option's name.
struct ValueFault: Error {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}
