// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// What a run of the built program came to.
private struct Outcome {
  var code: Int32
  var output: String
}

/// Runs the program that was built with these tests; what it prints on either output is joined.
private func run(_ words: String) -> Outcome {
  #if DEBUG
    let program = ".build/debug/porthole"
  #else
    let program = ".build/release/porthole"
  #endif
  let root = #filePath.utf8.dropLast("Tests/PortholeTests/ProgramTests.swift".utf8.count)
  let path = String(decoding: Array(root), as: UTF8.self) + program
  guard let pipe = unsafe popen("timeout 20 '\(path)' \(words) 2>&1", "r") else {
    return Outcome(code: -1, output: "there is no pipe")
  }
  var output: [UInt8] = []
  while true {
    let byte = unsafe getc(pipe)
    guard byte != EOF else { break }
    output.append(UInt8(truncatingIfNeeded: byte))
  }
  let status = unsafe pclose(pipe)
  return Outcome(code: status >> 8 & 0xFF, output: String(decoding: output, as: UTF8.self))
}

@Suite struct ProgramTests {
  @Test(arguments: ["--help", "help", "-h", "--version", "devices"])
  func `ends with 0 when it has done what it was asked`(words: String) {
    let outcome = run(words)
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(!outcome.output.isEmpty)
  }

  @Test(arguments: [
    "--size 1x1", "--nothing", "start", "--rate", "--camera file:", "--token x",
    "call", "call shed",
  ])
  func `ends with 2 and one sentence when it was asked wrongly`(words: String) {
    let outcome = run(words)
    #expect(outcome.code == 2, "\(outcome.output)")
    #expect(outcome.output.utf8.starts(with: "porthole: ".utf8))
    #expect(outcome.output.utf8.count { $0 == 10 } == 1, "\(outcome.output)")
  }

  @Test(arguments: [
    "--camera /dev/video-none --token none --state /tmp --listen 127.0.0.1:0",
    "--camera file:/nothing/here.y4m --token none --state /tmp --listen 127.0.0.1:0",
    "--camera none --state /dev/null/state --listen 127.0.0.1:0",
    "--camera none --state /tmp --token none --listen 192.0.2.1:8080",
    "call ws://127.0.0.1:1/ws --camera none --state /tmp",
    "call ws://camera.example/ws --camera none --state /tmp",
  ])
  func `ends with 1 and a sentence when it cannot start`(words: String) {
    let outcome = run(words)
    #expect(outcome.code == 1, "\(outcome.output)")
    #expect(outcome.output.holds("porthole: "), "\(outcome.output)")
    #expect(outcome.output.utf8.dropLast().last == UInt8(ascii: "."), "\(outcome.output)")
  }
}
