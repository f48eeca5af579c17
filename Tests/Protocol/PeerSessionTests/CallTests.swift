// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct CallTests {
  @Test(arguments: Check.calls) func holds(_ check: Check) throws {
    try check.run()
  }
}
