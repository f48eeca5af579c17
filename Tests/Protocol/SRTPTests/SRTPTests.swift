// SPDX-License-Identifier: Apache-2.0
internal import Checks
internal import Testing

@Suite struct SRTPTests {
  @Test(arguments: Check.srtp) func holds(_ check: Check) throws {
    try check.run()
  }
}
