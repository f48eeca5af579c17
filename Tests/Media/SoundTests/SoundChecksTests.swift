// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct SoundChecksTests {
  @Test(arguments: Check.sound) func holds(_ check: Check) throws { try check.run() }
}
