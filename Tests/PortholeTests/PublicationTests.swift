// SPDX-License-Identifier: Apache-2.0
@testable import Porthole
import Testing

@Suite struct PublicationTests {
  private func publication(_ words: String...) throws -> Publication {
    guard
      case .publish(let publication) = try Command(
        arguments: ["publish"] + words,
        search: .nowhere
      )
    else { throw UsageError("not publish") }
    return publication
  }

  private func line(_ words: String...) throws -> String {
    guard
      case .publish(let publication) = try Command(
        arguments: ["publish"] + words,
        search: .nowhere
      )
    else { return "not publish" }
    return String(decoding: publication.line, as: UTF8.self)
  }

  @Test func `writes the line that the socket takes`() throws {
    #expect(
      try line("tank", "20.5", "--unit", "l") == #"{"name":"tank","value":20.5,"unit":"l"}"# + "\n"
    )
    #expect(
      try line("--unit", "°C", "a.b:c", "-3")
        == #"{"name":"a.b:c","value":-3.0,"unit":"°C"}"# + "\n"
    )
  }

  @Test(arguments: [
    [], ["tank"], ["tank", "wet"], ["a b", "1"], ["tank", "nan"], ["tank", "inf"],
    ["tank", "1", "2"], ["tank", "1", "--camera", "none"], ["tank", "1", "--unit"], ["", "1"],
  ])
  func `says what is wrong with the words`(_ words: [String]) {
    #expect(throws: UsageError.self) {
      _ = try Command(arguments: ["publish"] + words, search: .nowhere)
    }
  }

  @Test func `looks where it is told to, and only there`() throws {
    #expect(try publication("a", "1", "--socket", "/x/y").places == ["/x/y"])
    #expect(try publication("a", "1", "--state", "/x").places == ["/x/publish.sock"])
  }

  @Test func `says that nobody listens`() throws {
    let failure = try publication("a", "1", "--socket", "/no/such/socket").send()
    #expect(failure?.holds("no porthole listens at /no/such/socket") == true)
  }
}
