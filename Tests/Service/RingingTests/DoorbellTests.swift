// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct DoorbellTests {
  @Test(arguments: Check.doorbell) func holds(_ check: Check) throws {
    try check.run()
  }
}
