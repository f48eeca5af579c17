// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Test(arguments: Check.peerSession) func holds(_ check: Check) throws {
  try check.run()
}
