// SPDX-License-Identifier: Apache-2.0
internal import Checks
internal import Testing

@Suite struct DTLSTests {
  @Test(arguments: Check.dtls) func holds(_ check: Check) throws {
    try check.run()
  }
}
