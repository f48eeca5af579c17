// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct SensorTableTests {
  @Test(arguments: Check.telemetry) func holds(_ check: Check) throws {
    try check.run()
  }
}
