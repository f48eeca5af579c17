// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct TOMLTableTests {
  @Test(arguments: Check.toml) func holds(_ check: Check) throws {
    try check.run()
  }
}
