// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct SessionDescriptionTests {
  @Test(arguments: Check.sdp) func holds(_ check: Check) throws {
    try check.run()
  }
}
