// SPDX-License-Identifier: Apache-2.0
private import Glibc

/// The program `porthole-checks`: vectors, mutation runs and simulations without a test framework,
/// so that they also run where there is none.
@main
struct PortholeChecks {
  static func main() {
    exit(run(Array(CommandLine.arguments.dropFirst())))
  }
}
