// SPDX-License-Identifier: Apache-2.0
internal import Checks
internal import Testing

@Suite struct TLSTests {
  @Test(arguments: Check.tls) func holds(_ check: Check) throws {
    try check.run()
  }
}
