// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct ChannelTests {
  @Test(arguments: Check.channels) func holds(_ check: Check) throws {
    try check.run()
  }
}
