// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct RTPChecksTests {
  @Test(arguments: Check.rtp) func holds(_ check: Check) throws { try check.run() }
}
