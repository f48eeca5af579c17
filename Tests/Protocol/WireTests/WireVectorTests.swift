// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

/// The vectors of Checksum, Hash and Text, which also run on arm64.
@Suite struct WireVectorTests {
  @Test(arguments: Check.wire) func holds(_ check: Check) throws {
    try check.run()
  }
}
