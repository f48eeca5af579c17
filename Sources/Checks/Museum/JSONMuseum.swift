// SPDX-License-Identifier: Apache-2.0
private import JSON

extension Check {
  /// JSON, as signalling receives it.
  static let museumJSON: [Check] = [
    Check(
      "arrays lie 100,000 deep inside one another, closed or not",
      after: "CVE-2018-18855, CVE-2020-36518"
    ) {
      for close in ["", "]"] {
        let text = String(repeating: "[", count: 100_000) + String(repeating: close, count: 100_000)
        try expectEqual(refusal(of: text), 32, "where it is refused")
      }
    },
    Check(
      "objects and arrays lie deep inside a member that nobody asked for",
      after: "antirez/ds4 #43, CVE-2023-1370"
    ) {
      let text =
        #"{"id":1,"x":"# + String(repeating: #"[{"y":"#, count: 20_000)
        + String(repeating: "}]", count: 20_000) + "}"
      try expect(refusal(of: text) != nil, "was read")
      let flat = #"{"id":1,"x":["# + String(repeating: "{},", count: 20_000) + "1]}"
      try expectEqual(try JSONValue(parsing: flat)["id"]?.integer, 1, "as long, but flat")
    },
    Check("a string ends inside an escape", after: "CVE-2016-10749") {
      for text in ["\"\\", "\"a\\", "\"\\u", "\"\\u1", "\"\\u12", "\"\\u123", "\"\\ud83d\\"] {
        try expectEqual(refusal(of: text), text.utf8.count, "where '\(text)' is refused")
      }
    },
    Check("half of a surrogate pair stands alone", after: "CVE-2022-31116") {
      for text in [
        #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\ud800""#, #""\udfff\ud800""#,
        #""\ud800\n""#,
      ] {
        try expect(refusal(of: text) != nil, "\(text) was read")
      }
      try expectEqual(try JSONValue(parsing: #""\ud83d\ude00""#).string, "😀", "a whole pair")
    },
    Check(
      "a number has hundreds of thousands of digits, or a huge exponent",
      after: "CVE-2018-18853"
    ) {
      try expectEqual(refusal(of: String(repeating: "9", count: 200_000)), 0, "digits")
      try expectEqual(refusal(of: "[1e" + String(repeating: "9", count: 200_000)), 1, "exponent")
      try expectEqual(refusal(of: "1e999999999999999999999"), 0, "beyond all numbers")
      for text in ["9223372036854775808", "-1e19", "1e300"] {
        try expectEqual(try JSONValue(parsing: text).integer, nil, text)
      }
    },
  ]

  /// Where `text` is refused; `nil` when it is read.
  private static func refusal(of text: String) -> Int? {
    do throws(JSONError) {
      _ = try JSONValue(parsing: text)
      return nil
    } catch {
      return error.offset
    }
  }
}
