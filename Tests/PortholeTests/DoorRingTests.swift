// SPDX-License-Identifier: Apache-2.0
import Board
@testable import Porthole
import Testing

@Suite struct DoorRingTests {
  private func ring(_ words: String...) throws -> DoorRing {
    guard case .ring(let ring) = try Command(arguments: ["ring"] + words, search: .nowhere) else {
      throw UsageError("not ring")
    }
    return ring
  }

  private func line(_ words: String...) throws -> String {
    guard case .ring(let ring) = try Command(arguments: ["ring"] + words, search: .nowhere) else {
      return "not ring"
    }
    return String(decoding: ring.request.line, as: UTF8.self)
  }

  @Test func `writes the line that the socket takes`() throws {
    #expect(try line() == #"{"ring":""}"# + "\n")
    #expect(
      try line("--wait", "--name", "Front door") == #"{"ring":"Front door","wait":true}"# + "\n"
    )
    let long = try line("--name", String(repeating: "x", count: 2_000))
    #expect(long.utf8.count < 100)
  }

  @Test(arguments: [
    ["door"], ["--name"], ["--wait", "5"], ["--unit", "x"], ["--camera", "none"],
  ])
  func `says what is wrong with the words`(_ words: [String]) {
    #expect(throws: UsageError.self) {
      _ = try Command(arguments: ["ring"] + words, search: .nowhere)
    }
  }

  @Test func `looks where it is told to, and says that nobody listens`() throws {
    #expect(try ring("--state", "/x").places == ["/x/publish.sock"])
    let outcome = try ring("--wait", "--socket", "/no/such/socket").ring()
    guard case .failed(let reason, 1) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(reason.holds("no porthole listens at /no/such/socket"))
  }
}
