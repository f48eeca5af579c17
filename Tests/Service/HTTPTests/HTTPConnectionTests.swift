// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct HTTPConnectionTests {
  @Test(arguments: Check.http) func holds(_ check: Check) throws {
    try check.run()
  }
}
