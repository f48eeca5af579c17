// SPDX-License-Identifier: Apache-2.0
private import JSON
private import JSONRPC

extension Check {
  /// JSON-RPC 2.0: the examples of its section 7, and what the peer may get wrong.
  public static let jsonRPC: [Check] = [
    Check("reads calls with parameters by position and by name") {
      let byPlace = read(#"{"jsonrpc":"2.0","method":"subtract","params":[42,23],"id":1}"#)
      try expectEqual(
        byPlace,
        [.request(JSONRPCRequest(id: 1, method: "subtract", parameters: [42, 23]))]
      )
      let byName = read(
        #"{"jsonrpc":"2.0","method":"subtract","params":{"minuend":42},"id":"x"}"#
      )
      guard case .request(let request)? = byName.first else {
        throw CheckFailure(description: "\(byName)")
      }
      try expectEqual(request["minuend"]?.integer, 42)
      try expectEqual(request.id, "x")
      try expect(request.wantsAnswer, "no answer is wanted")
    },
    Check("a notification gets no answer, and a call with the id null one") {
      guard case .request(let note)? = read(#"{"jsonrpc":"2.0","method":"update"}"#).first,
        case .request(let null)? = read(#"{"jsonrpc":"2.0","method":"u","id":null}"#).first
      else { throw CheckFailure(description: "not read") }
      try expect(!note.wantsAnswer, "an answer is wanted")
      try expect(null.wantsAnswer, "no answer is wanted")
    },
    Check("refuses with the numbers of the specification") {
      for (text, code, id) in [
        (#"{"jsonrpc":"2.0","method":"foobar,"params":"bar","baz]"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","method":1,"params":"bar"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":1,"id":7}"#, -32600, "7"),
        (#"{"jsonrpc":"1.0","method":"a","id":"x"}"#, -32600, "\"x\""),
        (#"{"method":"a","id":2}"#, -32600, "2"),
        (#"{"jsonrpc":"2.0","method":"a","params":"bar","id":3}"#, -32600, "3"),
        (#"{"jsonrpc":"2.0","method":"a","id":{}}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"a","id":[1]}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"a","id":true}"#, -32600, "null"), ("[]", -32600, "null"),
        ("1", -32600, "null"), ("", -32700, "null"),
        (
          #"{"jsonrpc":"2.0","method":""# + String(repeating: "m", count: 65) + #"","id":4}"#,
          -32600, "4"
        ),
        ("[" + String(repeating: "1,", count: 16) + "1]", -32600, "null"),
        (String(repeating: " ", count: 16_384) + "1", -32600, "null"),
        (String(repeating: "[", count: 100), -32700, "null"),
      ] {
        let parts = read(text)
        guard case .refused(let answer)? = parts.first, parts.count == 1 else {
          throw CheckFailure(description: "\(text.prefix(80)) was read as \(parts)")
        }
        try expectEqual(answer["jsonrpc"], "2.0")
        try expectEqual(answer["error"]?["code"]?.integer, Int64(code), String(text.prefix(80)))
        try expectEqual(answer["id"]?.description, id, String(text.prefix(80)))
      }
    },
    Check("answers each part of a batch, and not its notifications") {
      let text =
        #"[{"jsonrpc":"2.0","method":"sum","params":[1,2],"id":"1"},"#
        + #"{"jsonrpc":"2.0","method":"notify"},{"foo":"boo"},1]"#
      let message = JSONRPCMessage(parsing: Array(text.utf8))
      try expect(message.isBatch, "it is no batch")
      try expectEqual(message.parts.count, 4)
      let answers = message.parts.compactMap { part -> JSONValue? in
        switch part {
        case .refused(let answer): answer
        case .request(let request): request.id.map { JSONRPCAnswer.result(true, to: $0) }
        }
      }
      let joined = JSONRPCAnswer.joined(answers, isBatch: message.isBatch)
      try expectEqual(joined?.array?.count, 3)
      try expectEqual(
        joined?[0]?.description,
        #"{"jsonrpc":"2.0","result":true,"id":"1"}"#
      )
      try expectEqual(JSONRPCAnswer.joined([], isBatch: true), nil)
      try expectEqual(JSONRPCAnswer.joined([1], isBatch: false), 1)
    },
    Check("an answer is not answered, alone or in a batch") {
      try expectEqual(read(#"{"jsonrpc":"2.0","result":19,"id":1}"#), [])
      try expectEqual(read(#"{"jsonrpc":"2.0","error":{"code":1,"message":"m"},"id":1}"#), [])
      try expectEqual(read(#"[{"jsonrpc":"2.0","result":19,"id":1}]"#), [])
    },
    Check("writes notifications and errors") {
      try expectEqual(
        JSONRPCAnswer.notification("changed", ["a": 1]).description,
        #"{"jsonrpc":"2.0","method":"changed","params":{"a":1}}"#
      )
      try expectEqual(
        JSONRPCAnswer.failure(.methodNotFound("No."), to: 5).description,
        #"{"jsonrpc":"2.0","error":{"code":-32601,"message":"No."},"id":5}"#
      )
    },
    Check("20,000 mutations of calls") {
      for target in FuzzTarget.jsonRPC { target.mutate(count: 20_000, seed: 2) }
    },
  ]

  private static func read(_ text: String) -> [JSONRPCMessage.Part] {
    JSONRPCMessage(parsing: Array(text.utf8)).parts
  }
}

extension FuzzTarget {
  /// The reader of JSON-RPC.
  public static let jsonRPC: [FuzzTarget] = [
    FuzzTarget(
      "jsonrpc",
      seeds: [
        #"{"jsonrpc":"2.0","method":"controls.set","params":{"id":"camera.gain","value":5},"id":1}"#,
        #"[{"jsonrpc":"2.0","method":"rpc.discover","id":"x"},{"jsonrpc":"2.0","method":"a"},1]"#,
        #"{"jsonrpc":"2.0","result":{},"id":null}"#,
      ].map { Array($0.utf8) }
    ) { input in
      let message = JSONRPCMessage(parsing: input)
      precondition(message.parts.count <= JSONRPCMessage.maximumBatch, "the batch is too long")
      for case .refused(let answer) in message.parts {
        precondition(answer["error"]?["code"]?.integer != nil, "a refusal has no code")
      }
    }
  ]
}
