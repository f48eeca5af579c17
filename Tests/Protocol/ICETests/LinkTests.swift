// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct LinkTests {
  @Test(arguments: Check.link) func holds(_ check: Check) throws {
    try check.run()
  }
}
