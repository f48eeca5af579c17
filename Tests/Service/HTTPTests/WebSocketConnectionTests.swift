// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct WebSocketConnectionTests {
  @Test(arguments: Check.webSocket) func holds(_ check: Check) throws {
    try check.run()
  }
}
