// SPDX-License-Identifier: Apache-2.0
private import JSON
private import Wire

extension Check {
  /// JSON: what must be read, what must be refused, what is printed.
  public static let json: [Check] = [
    Check("reads every kind of value") {
      let value = try JSONValue(
        parsing: #" { "a" : [ null , true,false ,0,-1, 1.5 ,1e2 ,"x" ] ,"b":{} , "c":[] } "#
      )
      let expected: JSONValue = [
        "a": [nil, true, false, 0, -1, 1.5, 100.0, "x"], "b": .object([:]), "c": [],
      ]
      try expectEqual(value, expected)
      try expectEqual(value["a"]?[5]?.number, 1.5)
      try expectEqual(value["a"]?[6]?.integer, 100)
      try expectEqual(value["a"]?[8], nil)
      try expectEqual(value["b"]?["c"], nil)
      try expectEqual(value["a"]?[0]?.isNull, true)
      try expectEqual(value["a"]?[-1], nil)
    },
    Check("keeps the order of members, and changes them by name") {
      var object = try JSONValue(parsing: #"{"z":1,"a":2,"m":3}"#).object ?? [:]
      object["a"] = nil
      object["z"] = "new"
      object["q"] = true
      try expectEqual(JSONValue.object(object).description, #"{"z":"new","m":3,"q":true}"#)
    },
    Check("reads numbers exactly") {
      try expectEqual(try JSONValue(parsing: "9223372036854775807"), .integer(.max))
      try expectEqual(try JSONValue(parsing: "-9223372036854775808"), .integer(.min))
      try expectEqual(try JSONValue(parsing: "9223372036854775808"), .number(0x1p63))
      try expectEqual(try JSONValue(parsing: "0.1"), .number(0.1))
      try expectEqual(try JSONValue(parsing: "1E-2"), .number(0.01))
      try expectEqual(try JSONValue(parsing: "5e-324"), .number(.leastNonzeroMagnitude))
      try expectEqual(try JSONValue(parsing: "-0").number?.sign, .minus)
      try expectEqual(JSONValue.number(0x1p63).integer, nil)
      try expectEqual(JSONValue.number(.nan).integer, nil)
    },
    Check("reads escapes and surrogate pairs") {
      let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00é😀""#)
      try expectEqual(value.string, "\"\\/\u{8}\u{C}\n\r\tAé€😀é😀")
    },
    Check("prints what it reads, and escapes what must be") {
      let value: JSONValue = [
        "quote\"back\\slash": "line\nreturn\rtab\tnul\0del\u{7F}é😀/", "n": [1.5, 1e300, -0.0, 7],
        "not finite": [.number(.nan), .number(.infinity)],
      ]
      let text = value.description
      try expectEqual(
        text,
        #"{"quote\"back\\slash":"line\nreturn\rtab\tnul\u0000del\u007fé😀/","#
          + #""n":[1.5,1e+300,-0.0,7],"not finite":[null,null]}"#
      )
      try expectEqual(try JSONValue(parsing: text).description, text)
    },
    Check("comes back equal from print, for 2,000 random values") {
      for seed in 0..<2_000 as Range<UInt64> {
        var random = RandomSource.seeded(seed)
        let value = randomValue(depth: 4, using: &random)
        try expectEqual(try JSONValue(parsing: value.utf8), value, "seed \(seed)")
      }
    },
    Check("refuses what is not JSON, and says where") {
      let table: [(String, Int)] = [
        ("", 0), (" ", 1), ("nul", 0), ("nullx", 4), ("True", 0), ("01", 1), ("-", 1), ("+1", 0),
        (".5", 0), ("1.", 2), ("1e", 2), ("1e+", 3), ("0x10", 1), ("NaN", 0), ("1e999", 0),
        ("-1e999", 0), ("[", 1), ("[1", 2), ("[1,", 3), ("[1,]", 3), ("[,1]", 1), ("[1 2]", 3),
        ("]", 0), ("{", 1), ("{1:2}", 1), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7),
        (#"{"a":1 "b":2}"#, 7), (#"{"a":1,"a":2}"#, 7), (#"{"a":1,"\u0061":2}"#, 7), ("\"", 1),
        ("\"\\", 2), (#""\x""#, 2), (#""\u12""#, 5), (#""\u12g4""#, 5), (#""\ud800""#, 2),
        (#""\ud800\n""#, 8), (#""\udc00""#, 2), (#""\ud800\ud800""#, 2), ("\"\n\"", 1),
        ("\"\u{1F}\"", 1), ("'a'", 0), ("// x", 0), ("1 1", 2), ("\u{FEFF}1", 0), ("\0", 0),
      ]
      for (text, offset) in table { try refuses(Array(text.utf8), at: offset, "'\(text)'") }
    },
    Check("refuses strings that are not UTF-8") {
      for bytes: [UInt8] in [
        [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80],
      ] {
        try refuses([0x22] + bytes + [0x22], at: 0, "\(bytes)")
      }
    },
    Check("refuses what is too deep, too long or too precise") {
      let deep = { (depth: Int) in
        Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
      }
      _ = try JSONValue(parsing: deep(32))
      try refuses(deep(33), at: 32, "depth 33")
      try refuses(deep(100_000), at: 32, "depth 100,000")
      try refuses([UInt8](repeating: 0x20, count: 300_000), at: 262_144, "300,000 blanks")
      try refuses([UInt8](repeating: 0x31, count: 300), at: 0, "300 digits")
      let limits = JSONLimits(bytes: 3, depth: 0)
      try expectEqual(try JSONValue(parsing: "123", limits: limits), 123)
      try expectEqual((try? JSONValue(parsing: "1234", limits: limits)) == nil, true)
      try expectEqual((try? JSONValue(parsing: "[]", limits: limits)) == nil, true)
    },
    Check("what is read from damaged JSON can be printed and read again") {
      for target in FuzzTarget.json { target.mutate(count: 20_000, seed: 0x8259) }
    },
  ]

  private static func refuses(_ bytes: [UInt8], at offset: Int, _ what: String) throws {
    do throws(JSONError) {
      _ = try JSONValue(parsing: bytes.span)
    } catch {
      try expectEqual(error.offset, offset, "the place of '\(error)' in \(what)")
      return
    }
    throw CheckFailure(description: "no error for \(what)")
  }

  private static func randomValue(depth: Int, using random: inout RandomSource) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return nil
    case 1: return .bool(.random(using: &random))
    case 2: return .integer(Int64(truncatingIfNeeded: random.next()))
    case 3:
      let value = Double(bitPattern: random.next())
      return value.isFinite ? .number(value) : .number(0.5)
    case 4, 5: return .string(randomText(using: &random))
    case 6:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          randomValue(depth: depth - 1, using: &random)
        }
      )
    default:
      return .object(
        JSONObject(
          (0..<Int.random(in: 0...4, using: &random)).map { index in
            .init(
              "\(index)" + randomText(using: &random),
              randomValue(depth: depth - 1, using: &random)
            )
          }
        )
      )
    }
  }

  private static func randomText(using random: inout RandomSource) -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      let most: UInt32 = Bool.random(using: &random) ? 0x7F : 0x10_FFFF
      scalars.append(Unicode.Scalar(UInt32.random(in: 0...most, using: &random)) ?? "\\")
    }
    return String(scalars)
  }
}

extension FuzzTarget {
  /// The parser of JSON; what can be read is printed and read again.
  public static let json: [FuzzTarget] = [
    FuzzTarget(
      "json",
      seeds: [
        #"{"offer":{"type":"offer","sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"},"id":12,"x":-1.5e3}"#,
        #"[null,true,false,[[],[{}]],"\ud83d\ude00\u00e9é",0.25,-0,9223372036854775807]"#,
      ].map { Array($0.utf8) }
    ) { input in
      guard let value = try? JSONValue(parsing: input.span) else { return }
      let again = try? JSONValue(parsing: value.utf8, limits: JSONLimits(bytes: .max))
      precondition(again == value, "a value changed by printing")
    }
  ]
}
