// SPDX-License-Identifier: Apache-2.0
private import Checks

private let usage = """
  usage: porthole-checks [--filter TEXT]              run the checks whose name holds TEXT (or all)
         porthole-checks list                         print the names of checks and fuzz targets
         porthole-checks replay TARGET DIR [FIRST [PROGRESS]]
                                                      feed each file of DIR, from number FIRST, to TARGET;
                                                      PROGRESS is a file that names the input being fed
         porthole-checks mutate TARGET COUNT SEED     feed COUNT mutations of the target's seeds

  """

/// Runs the program with `arguments`; returns 0, 1 when something failed, 2 for wrong usage.
func run(_ arguments: [String]) -> Int32 {
  switch arguments.first {
  case nil:
    return runChecks(Check.all)
  case "--filter" where arguments.count == 2:
    return runChecks(Check.all.filter { holds($0.description, arguments[1]) })
  case "list" where arguments.count == 1:
    for check in Check.all { say("\(check)\n") }
    for target in FuzzTarget.all { say("target \(target.name)\n") }
    return 0
  case "replay" where (3...5).contains(arguments.count):
    guard let first = arguments.count > 3 ? Int(arguments[3]) : 0, first >= 0 else {
      return wrongUsage("FIRST must be a number, not \(arguments[3])")
    }
    return withTarget(arguments[1]) {
      replay($0, arguments[2], first, progress: arguments.count > 4 ? arguments[4] : nil)
    }
  case "mutate" where arguments.count == 4:
    guard let count = Int(arguments[2]), let seed = UInt64(arguments[3]), count >= 0 else {
      return wrongUsage("COUNT and SEED must be numbers")
    }
    return withTarget(arguments[1]) { target in
      let time = ContinuousClock().measure { target.mutate(count: count, seed: seed) }
      say("\(target.name): \(count) mutations of seed \(seed), no trap, \(milliseconds(time)) ms\n")
      return 0
    }
  default:
    return wrongUsage("unknown words: \(arguments.joined(separator: " "))")
  }
}

private func runChecks(_ checks: [Check]) -> Int32 {
  guard !checks.isEmpty else { return wrongUsage("no check has such a name") }
  var failed = 0
  for check in checks {
    // The name goes out first, so that a trap has one.
    say(check.description)
    var failure: (any Error)?
    let time = ContinuousClock().measure {
      do { try check.run() } catch { failure = error }
    }
    say(failure.map { ": FAILED\n  \($0)\n" } ?? ": \(milliseconds(time)) ms\n")
    if failure != nil { failed += 1 }
  }
  say("\(checks.count - failed) passed, \(failed) failed\n")
  return failed == 0 ? 0 : 1
}

private func replay(
  _ target: FuzzTarget,
  _ folder: String,
  _ first: Int,
  progress: String?
) -> Int32 {
  guard let names = fileNames(in: folder) else {
    return wrongUsage("\(folder) cannot be read: give a folder of input files")
  }
  guard !names.isEmpty else { return wrongUsage("\(folder) holds no file: nothing was fed") }
  // What is set up once must not count as the first input's time.
  for seed in target.seeds { target.feed(seed) }
  var slowest = (name: "", bytes: 0, time: Duration.zero)
  var fed = 0
  var unreadable = 0
  func summary() -> String {
    "\(target.name): \(fed) inputs fed, "
      + "slowest \(slowest.name) (\(slowest.bytes) bytes) \(milliseconds(slowest.time)) ms\n"
  }
  for (number, name) in names.enumerated().dropFirst(first) {
    guard let input = contents(of: "\(folder)/\(name)") else {
      say("\(name): cannot be read\n")
      unreadable += 1
      continue
    }
    if let progress, !write("\(number) \(name)\n" + summary(), to: progress) {
      return wrongUsage("\(progress) cannot be written")
    }
    limitNextInput(toSeconds: 10)
    let time = ContinuousClock().measure { target.feed(input) }
    limitNextInput(toSeconds: 0)
    fed += 1
    if time >= slowest.time { slowest = (name, input.count, time) }
  }
  say(summary())
  return unreadable == 0 ? 0 : 1
}

private func withTarget(_ name: String, _ body: (FuzzTarget) -> Int32) -> Int32 {
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    let names = FuzzTarget.all.map(\.name).joined(separator: " ")
    return wrongUsage("no fuzz target is called \(name); there are: \(names)")
  }
  return body(target)
}

private func wrongUsage(_ sentence: String) -> Int32 {
  complain("porthole-checks: \(sentence)\n\(usage)")
  return 2
}

/// Whether `text` contains `part`, byte by byte.
private func holds(_ text: String, _ part: String) -> Bool {
  let text = Array(text.utf8)
  let part = Array(part.utf8)
  guard part.count <= text.count else { return false }
  return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
}

/// Milliseconds with three decimals.
private func milliseconds(_ time: Duration) -> String {
  let microseconds =
    time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000
  let fraction = String(microseconds % 1000)
  return "\(microseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
}
