// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct DCEPTests {
  @Test(arguments: Check.dcep) func holds(_ check: Check) throws {
    try check.run()
  }
}
