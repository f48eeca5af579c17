// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

/// The vectors, simulations and mutation runs, which also run on arm64.
@Suite struct ICESimulationTests {
  @Test(arguments: Check.ice) func holds(_ check: Check) throws {
    try check.run()
  }
}
