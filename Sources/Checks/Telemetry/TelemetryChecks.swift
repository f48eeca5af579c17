// SPDX-License-Identifier: Apache-2.0
private import JSON
private import Telemetry
private import Wire

extension Check {
  /// Sensors: what is kept of them, what is told, and what is taken of other programs.
  public static let telemetry: [Check] = [
    Check("tells what has changed, and then nothing") {
      var table = SensorTable()
      try expect(table.add(description("cpu", unit: "°C"), at: .zero), "not added")
      try expect(table.add(description("load"), at: .zero), "not added")
      try expect(!table.add(description("cpu"), at: .zero), "added twice")
      table.record(45.123 * 1.0000000000000002, of: "cpu", at: .zero)
      try expectEqual(told(&table), #"{"time":7,"revision":3,"values":{"cpu":45.123}}"#)
      try expect(!table.hasChanges, "something is left to tell")
      table.record(45.123, of: "cpu", at: .zero + .seconds(1))
      try expect(!table.hasChanges, "the same value is told again")
      table.record(failure: "no \"answer\"\n", of: "cpu", at: .zero + .seconds(2))
      table.record(2, of: "load", at: .zero + .seconds(2))
      try expectEqual(
        told(&table),
        #"{"time":7,"revision":3,"values":{"load":2},"failed":{"cpu":"no 'answer'"}}"#
      )
      try expectEqual(
        table.listMessage.description,
        #"{"sensors":[{"name":"cpu","label":"cpu","unit":"°C"},"#
          + #"{"name":"load","label":"load","unit":""}],"revision":3}"#
      )
    },
    Check("a failed sensor has no value any more, and a number that is none is a failure") {
      var table = SensorTable()
      _ = try table.add(description("x"), at: .zero)
      table.record(1, of: "x", at: .zero)
      table.record(.nan, of: "x", at: .zero)
      try expectEqual(table["x"]?.state, .failed("its value is no number"))
      table.record(.infinity, of: "x", at: .zero)
      try expectEqual(table["x"]?.state, .failed("its value is no number"))
      table.record(1e300, of: "x", at: .zero)
      try expectEqual(table["x"]?.state, .value(1e300))
      try expectEqual(table["x"]?.history.values(until: .zero), [], "what no Float holds")
    },
    Check("keeps ten minutes, one value a second, with gaps where none came") {
      var history = SensorHistory()
      try expectEqual(history.values(until: .zero), [])
      history.append(1, at: .zero + .milliseconds(100))
      history.append(2, at: .zero + .milliseconds(900))
      history.append(3, at: .zero + .seconds(3))
      try expectEqual(history.values(until: .zero + .seconds(4)), [2, nil, nil, 3, nil])
      history.append(9, at: .zero + .seconds(1))
      try expectEqual(history.values(until: .zero + .seconds(3)), [2, nil, nil, 3])
      for second in 4..<2000 as Range<Int64> {
        history.append(Double(second), at: .zero + .seconds(second))
      }
      let values = history.values(until: .zero + .seconds(1999))
      try expectEqual(values.count, 600)
      try expectEqual(values.first, 1400)
      try expectEqual(values.last, 1999)
      history.append(5, at: .zero + .seconds(100_000))
      try expectEqual(history.values(until: .zero + .seconds(100_001)), [5, nil])
      try expectEqual(history.values(until: .zero + .seconds(200_000)), [])
      try expectEqual(history.values(until: .distantPast), [])
    },
    Check("keeps a history across the epoch of the clock") {
      var history = SensorHistory()
      history.append(1, at: .zero - .milliseconds(1500))
      history.append(2, at: .zero - .milliseconds(500))
      history.append(3, at: .zero + .milliseconds(500))
      try expectEqual(history.values(until: .zero + .milliseconds(500)), [1, 2, 3])
    },
    Check("a history fits its message, whatever the values are") {
      var table = SensorTable()
      let name = String(repeating: "n", count: 32)
      _ = try table.add(description(name), at: .zero)
      for second in 0..<600 as Range<Int64> {
        table.record(-1.2345678e-12 * Double(second + 1), of: name, at: .zero + .seconds(second))
      }
      let now = Timestamp.zero + .seconds(599)
      let message = table.historyMessage(of: name, at: now, time: WallClock(unixNanoseconds: 0))
      let length = message?.utf8.count ?? .max
      try expect(length > 600 && length <= SensorTable.maximumMessage, "it has \(length) bytes")
      try expectEqual(table.historyMessage(of: "?", at: now, time: .init(unixNanoseconds: 0)), nil)
    },
    Check("the list and all states fit their messages when everything is as long as may be") {
      var table = SensorTable()
      for number in 0..<100 {
        let ending = "\(number)"
        let name = String(repeating: "n", count: 32 - ending.utf8.count) + ending
        let long = String(repeating: "\"\\\u{1}é", count: 100)
        let description = SensorDescription(name: name, label: long, unit: long)
        _ = table.add(try required(description), at: .zero)
        table.record(failure: long, of: name, at: .zero)
      }
      try expectEqual(table.sensors.count, SensorTable.maximumSensors)
      let list = table.listMessage.utf8.count
      let states = table.valuesMessage(ofAll: true, at: .init(unixNanoseconds: 0)).utf8.count
      try expect(list <= SensorTable.maximumMessage, "the list has \(list) bytes")
      try expect(states <= SensorTable.maximumMessage, "the states have \(states) bytes")
    },
    Check("a pushed sensor that falls silent is stale, and forgotten an hour later") {
      var table = SensorTable()
      try expectEqual(table.deadline, nil)
      try expectEqual(push("tank", 1, &table, at: 0), nil)
      try expectEqual(table.deadline, .zero + .seconds(300))
      try expectEqual(push("tank", 2, &table, at: 60), nil)
      try expectEqual(table.deadline, .zero + .seconds(240))
      table.advance(to: .zero + .seconds(239))
      try expectEqual(table["tank"]?.state, .value(2))
      table.advance(to: .zero + .seconds(240))
      try expectEqual(table["tank"]?.state, .stale)
      try expectEqual(told(&table), #"{"time":7,"revision":2,"stale":["tank"]}"#)
      try expectEqual(push("tank", 3, &table, at: 241), nil)
      try expectEqual(table["tank"]?.state, .value(3))
      table.advance(to: .zero + .seconds(10_000))
      try expectEqual(table.sensors.count, 0)
      try expectEqual(table.deadline, nil)
    },
    Check("takes no more pushed sensors than it says, the silent ones giving way") {
      var table = SensorTable()
      _ = try table.add(description("cpu"), at: .zero)
      for number in 0..<SensorTable.maximumPushed {
        try expectEqual(push("s\(number)", 1, &table, at: Int64(number)), nil)
      }
      try expect(push("more", 1, &table, at: 100) != nil, "one too many was taken")
      try expect(push("cpu", 1, &table, at: 100) != nil, "a sensor of the board was pushed")
      try expectEqual(table.refused, 2)
      table.advance(to: .zero + .seconds(305))
      try expectEqual(push("more", 1, &table, at: 306), nil)
      try expectEqual(table["s0"]?.state, nil)
      try expectEqual(table.sensors.count, SensorTable.maximumPushed + 1)
    },
    Check("reads pushed lines, and says what is wrong with others") {
      let good = try PushedValue(parsing: Array(#"{"name":"tank","value":20,"unit":"l"}"#.utf8))
      try expectEqual(good.description.unit, "l")
      try expectEqual(good.reading, .value(20))
      try expectEqual(try PushedValue(parsing: good.line), good)
      let failed = try PushedValue(parsing: Array(#"{"error":"dry","name":"tank"}"#.utf8))
      try expectEqual(failed.reading, .failed("dry"))
      for text in [
        "", "20", "[]", "{}", "nonsense", #"{"name":"tank"}"#, #"{"value":1}"#,
        #"{"name":"","value":1}"#, #"{"name":"a b","value":1}"#, #"{"name":1,"value":1}"#,
        #"{"name":"tank","value":"20"}"#, #"{"name":"tank","value":null}"#,
        #"{"name":"tank","value":1,"error":"x"}"#, #"{"name":"tank","value":1,"unit":1}"#,
        #"{"name":"tank","value":1,"colour":"red"}"#, #"{"name":"tank","value":1}{}"#,
        #"{"name":"tank","value":1e999}"#, "{\"name\":\"tank\",\"value\":1,\"unit\":\"\u{1}\"}",
        #"{"name":"tank","value":{"a":{"b":{}}}}"#,
        #"{"name":""# + String(repeating: "n", count: 33) + #"","value":1}"#,
        #"{"name":"n","label":""# + String(repeating: "n", count: 1100) + #"","value":1}"#,
      ] {
        var reason: String?
        do throws(PushedLineError) {
          _ = try PushedValue(parsing: Array(text.utf8))
        } catch {
          reason = error.description
        }
        try expect(reason?.isEmpty == false, "\(text) was read")
      }
    },
    Check("cuts lines, however the bytes come") {
      let text = Array("one\n\r\ntwo\r\n".utf8 + [UInt8](repeating: 0x78, count: 20) + "\nend".utf8)
      for size in 1...text.count {
        var reader = LineReader(limit: 8)
        var lines: [LineReader.Line] = []
        var start = 0
        while start < text.count {
          let end = min(start + size, text.count)
          lines += reader.receive(text.span.extracting(start..<end))
          start = end
        }
        if let last = reader.finish() { lines.append(last) }
        try expectEqual(
          lines,
          [.line(Array("one".utf8)), .line(Array("two".utf8)), .tooLong, .line(Array("end".utf8))],
          "in parts of \(size)"
        )
        try expectEqual(reader.finish(), nil)
      }
    },
    Check("reads what a page asks for, and nothing else") {
      try expectEqual(asked(#"{"ask":"sensors"}"#), .sensors)
      try expectEqual(asked(#"{"ask":"history","of":["a","b",1,"c d"]}"#), .history(["a", "b"]))
      for text in ["", "{}", "[]", #"{"ask":1}"#, #"{"ask":"history"}"#, #"{"ask":"all"}"#] {
        try expectEqual(asked(text), nil, text)
      }
      let many = Array(repeating: #""a""#, count: 65).joined(separator: ",")
      try expectEqual(asked(#"{"ask":"history","of":["# + many + "]}"), nil)
    },
    Check("makes names of what the kernel calls its devices") {
      try expectEqual(SensorDescription.name(from: "cpu-thermal"), "cpu-thermal")
      try expectEqual(SensorDescription.name(from: "Package id 0"), "Package-id-0")
      try expectEqual(SensorDescription.name(from: "é°"), nil)
      try expectEqual(SensorDescription.name(from: "°C in"), "C-in")
      try expectEqual(SensorDescription.name(from: String(repeating: "x", count: 99))?.count, 32)
    },
    Check("20,000 mutations of what is pushed and asked") {
      for target in FuzzTarget.telemetry { target.mutate(count: 20_000, seed: 8259) }
    },
  ]

  private static func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw CheckFailure(description: "there is no value") }
    return value
  }

  private static func description(_ name: String, unit: String = "") throws -> SensorDescription {
    try required(SensorDescription(name: name, unit: unit))
  }

  private static func told(_ table: inout SensorTable) -> String {
    let message = table.valuesMessage(ofAll: false, at: WallClock(unixNanoseconds: 7_000_000))
    table.settleChanges()
    return message.description
  }

  private static func push(
    _ name: String,
    _ value: Double,
    _ table: inout SensorTable,
    at second: Int64
  ) throws -> String? {
    let pushed = PushedValue(try description(name), .value(value))
    return table.push(pushed, at: .zero + .seconds(second))
  }

  private static func asked(_ text: String) -> TelemetryRequest? {
    TelemetryRequest(parsing: Array(text.utf8))
  }
}

extension FuzzTarget {
  /// What other programs push, and what pages ask.
  public static let telemetry: [FuzzTarget] = [
    FuzzTarget(
      "pushed",
      seeds: [
        "{\"name\":\"tank\",\"value\":20.5,\"unit\":\"l\"}\n{\"name\":\"a\",\"value\":-1e3}\r\n",
        "{\"name\":\"tank\",\"error\":\"dry\",\"label\":\"The tank\"}\n\n{}\n",
      ].map { Array($0.utf8) }
    ) { input in
      var reader = LineReader(limit: PushedValue.maximumLine)
      var table = SensorTable()
      var now = Timestamp.zero
      let half = input.count / 2
      var lines = reader.receive(input.span.extracting(0..<half))
      lines += reader.receive(input.span.extracting(half..<input.count))
      if let last = reader.finish() { lines.append(last) }
      for case .line(let line) in lines {
        guard let pushed = try? PushedValue(parsing: line) else { continue }
        precondition(
          (try? PushedValue(parsing: pushed.line)) == pushed,
          "a line changed by printing"
        )
        _ = table.push(pushed, at: now)
        now += .seconds(Int64(line.count))
        table.advance(to: now)
        let name = pushed.description.name
        let time = WallClock(unixNanoseconds: 0)
        for message in [
          table.listMessage, table.valuesMessage(ofAll: true, at: time),
          table.historyMessage(of: name, at: now, time: time) ?? .null,
        ] {
          precondition(message.utf8.count <= SensorTable.maximumMessage, "a message is too long")
        }
      }
    },
    FuzzTarget(
      "telemetry",
      seeds: [#"{"ask":"sensors"}"#, #"{"ask":"history","of":["cpu","load"]}"#]
        .map { Array($0.utf8) }
    ) { input in
      guard case .history(let names) = TelemetryRequest(parsing: input) else { return }
      precondition(names.count <= SensorTable.maximumSensors, "too much is asked for")
    },
  ]
}
