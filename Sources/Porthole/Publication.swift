// SPDX-License-Identifier: Apache-2.0
internal import Board

/// `porthole publish`: one value for the page of a running Porthole.
struct Publication: Sendable {
  /// The line that says it.
  let line: [UInt8]
  /// Where it may be said, in the order in which that is tried.
  let places: [String]

  /// Reads the words behind `publish`, and those of its options.
  init(_ words: [String], unit: String, _ settings: Settings) throws(UsageError) {
    guard words.count == 2 else {
      throw UsageError("What is to be published? porthole publish NAME VALUE --unit UNIT")
    }
    guard let value = Double(words[1]), value.isFinite else {
      throw UsageError("A value is a number such as 20.5, not \"\(words[1])\".")
    }
    guard let line = PushAnswer.push(name: words[0], value: value, unit: unit) else {
      throw UsageError(
        "\"\(words[0])\" is no name: it takes 1 to 32 letters, digits, '-', '_', '.' or ':'."
      )
    }
    self.line = line
    places = SocketPlace.all(settings)
  }

  /// Says it; answers why that failed, in a sentence that says what to do.
  func send() -> String? {
    switch SocketPlace.ask(places, line) {
    case .answered(let answer):
      PushAnswer(parsing: answer).map { "not taken: \(Terminal.plain($0.description))" }
    case .failed(let reason): reason
    }
  }
}
