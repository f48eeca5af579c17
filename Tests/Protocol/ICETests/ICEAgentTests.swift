// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct ICEAgentTests {
  @Test(arguments: Check.ice) func holds(_ check: Check) throws {
    try check.run()
  }
}
