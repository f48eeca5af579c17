// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing

@Suite struct MuseumTests {
  @Test(arguments: Check.museum) func holds(_ check: Check) throws {
    try check.run()
  }

  @Test func `each check of the museum names public reports, and there are many`() {
    #expect(Check.museum.count >= 80)
    for check in Check.museum {
      let reports = (check.report ?? "").utf8.split(separator: UInt8(ascii: ","))
        .map { Array($0.drop { $0 == 32 }) }
      #expect(!reports.isEmpty, "\(check)")
      for report in reports {
        let isNumbered = report.contains(UInt8(ascii: "#")) && report.contains(UInt8(ascii: "/"))
        let isAdvisory = report.starts(with: "CVE-".utf8) || report.starts(with: "GHSA-".utf8)
        #expect(isNumbered || isAdvisory, "\(check)")
      }
    }
    #expect(Set(Check.museum.map(\.name)).count == Check.museum.count)
  }
}
