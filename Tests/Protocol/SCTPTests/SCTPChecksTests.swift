// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct SCTPChecksTests {
  @Test(arguments: Check.sctp) func holds(_ check: Check) throws { try check.run() }
}
