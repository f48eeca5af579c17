// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct JSONRPCMessageTests {
  @Test(arguments: Check.jsonRPC) func holds(_ check: Check) throws {
    try check.run()
  }
}
