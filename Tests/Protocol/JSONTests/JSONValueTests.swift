// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct JSONValueTests {
  @Test(arguments: Check.json) func holds(_ check: Check) throws {
    try check.run()
  }
}
