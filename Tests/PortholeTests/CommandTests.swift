// SPDX-License-Identifier: Apache-2.0
import Capture
import HTTP
import MediaTypes
@testable import Porthole
import Testing

/// The settings that the words ask for.
private func settings(_ words: String...) throws -> Settings {
  guard
    case .serve(let configuration) = try Command(arguments: words, search: .nowhere)
  else { throw UsageError("not serve") }
  return configuration.settings
}

/// The sentence that refuses the words, `nil` when they are taken.
private func refusal(_ words: [String]) -> String? {
  do {
    _ = try Command(arguments: words, search: .nowhere)
    return nil
  } catch {
    return error.description
  }
}

@Suite struct CommandTests {
  /// Values that each option takes, and values that it refuses.
  static let values: [(name: String, good: [String], bad: [String])] = [
    (
      "listen",
      ["[::]:8080", "0.0.0.0:80", ":8080", "127.0.0.1:0", "[::1]:65535", "localhost:1"],
      ["", "8080", "host:80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "::1:80", "[::1:80", "[]:80"]
    ),
    ("udp-port", ["0", "1", "65535"], ["", "-1", "65536", "x", "1.5"]),
    (
      "camera", ["test", "none", "/dev/video0", "file:/tmp/a.y4m", "file:-"],
      ["", "video0", "file:", "/dev/"]
    ),
    (
      "size", ["1280x720", "16x16", "8192x8192"],
      ["", "1280", "1280x", "x720", "1280x721", "14x16", "8194x16", "1x2x3", "-16x16", "axb"]
    ),
    ("rate", ["1", "30", "240"], ["", "0", "241", "-1", "ten"]),
    (
      "bitrate", ["50k", "800k", "2.5M", "2000000", "100M", "1m", "60K"],
      ["", "k", "0", "49k", "101M", "-1M", "nan", "inf", "2G", "2 M"]
    ),
    ("encoder", ["auto", "x264"], ["", "h264", "X264"]),
    ("preset", ["ultrafast", "medium"], ["", "placebo", "ULTRAFAST"]),
    ("threads", ["1", "16"], ["", "0", "17", "x"]),
    (
      "microphone", ["none", "test", "clock", "default", "plughw:CARD=Device,DEV=0"],
      ["", "hw:\u{1}"]
    ),
    ("microphone-channels", ["1", "2"], ["", "0", "3"]),
    ("packet-time", ["10", "20"], ["", "15", "x"]),
    ("speaker", ["none", "test", "hw:0,0"], ["", "clock"]),
    ("talkers", ["1", "8"], ["", "0", "9"]),
    ("echo", ["cancel", "duck", "off"], ["", "on", "Cancel"]),
    ("noise-suppression", ["on", "off"], ["", "yes"]),
    ("gain-control", ["on", "off"], ["", "20"]),
    ("interface", ["eth0"], []), ("ca", ["ca.crt"], [""]),
    ("tls", ["off", "auto", "a.crt,a.key"], ["", "on", "a.crt", "a.crt,", ",a.key", "a,b,c"]),
    ("config", ["none"], [""]),
    (
      "token", ["none", "12345678", "abc-DEF_0", String(repeating: "a", count: 128)],
      ["", "1234567", "12345678;", "1234 5678", "näher-dran", String(repeating: "a", count: 129)]
    ),
    (
      "control-token", ["12345678", "abc-DEF_0", String(repeating: "a", count: 128)],
      ["", "1234567", "12345678;", "none", String(repeating: "a", count: 129)]
    ),
    (
      "allow-origin",
      [
        "https://example.org", "http://10.0.0.5:8000", "http://[::1]:80", "HTTPS://Example.org:443",
      ],
      ["", "null", "*", "example.org", "https://", "https://example.org/", "ftp://example.org"]
    ),
    ("state", ["/tmp/x", "relative"], [""]), ("sensors", ["auto", "none"], ["", "all"]),
    ("socket", ["/tmp/x"], ["", "relative", "/" + String(repeating: "x", count: 107)]),
    ("socket-group", ["users"], [""]), ("ring-time", ["1", "600"], ["", "0", "601", "x"]),
    ("log-level", ["debug", "info", "warning", "error"], ["", "INFO", "trace"]),
  ]

  @Test func `has a row of values for every option`() {
    #expect(Self.values.map(\.name).sorted() == Option.all.map(\.name).sorted())
    #expect(Set(Option.all.map(\.name)).count == Option.all.count)
  }

  @Test(arguments: values)
  func `takes good values and names the option that is wrong`(
    name: String,
    good: [String],
    bad: [String]
  ) {
    let isServed = Option.named(name)?.commands.contains(.serve) == true
    let verb = isServed ? ["serve"] : ["call", "ws://a/ws"]
    let command = isServed ? [] : verb
    for value in good {
      #expect(refusal(command + ["--\(name)", value]) == nil, "\(value)")
      #expect(refusal(verb + ["--\(name)=\(value)"]) == nil, "\(value)")
    }
    for value in bad {
      let sentence = refusal(command + ["--\(name)", value])
      #expect(sentence?.holds("--\(name)") == true, "\(value): \(sentence ?? "taken")")
      #expect(sentence?.utf8.last == UInt8(ascii: "."), "\(value): \(sentence ?? "taken")")
      #expect(refusal(command + ["--\(name)=\(value)"]) == sentence)
    }
    #expect(refusal(command + ["--\(name)"])?.holds("--\(name) needs a value") == true)
  }

  @Test func `reads what the options say`() throws {
    #expect(try settings().listen == ListenAddress(host: "::", port: 8080))
    #expect(try settings("--listen", "[::1]:90").listen == ListenAddress(host: "::1", port: 90))
    #expect(try settings("--listen", ":90").listen.description == "[::]:90")
    #expect(try settings("--bitrate", "2.5M").bitrate.bitsPerSecond == 2_500_000)
    #expect(try settings("--size", "640x480").size == PictureSize(width: 640, height: 480))
    #expect(try settings("--token", "none").token == .open)
    #expect(try settings("--token", "12345678").token == .given("12345678"))
    #expect(try settings().token == .stored)
    #expect(try settings("--control-token", "12345678").controlToken == .given("12345678"))
    #expect(try settings("--token=none", "--control-token=none").controlToken == .open)
    #expect(try settings().controlToken == .stored)
    #expect(try settings("--camera=none").camera == CameraSelection.none)
    #expect(try settings("--camera=file:a=b").camera == .file(path: "a=b"))
    #expect(try settings("--interface", "a", "--interface", "b").interfaces == ["a", "b"])
    #expect(try settings("--rate", "10", "--rate", "20").rate == FrameRate(20))
  }

  @Test func `knows its commands`() throws {
    for (words, wanted) in [
      (["--help"], "help"), (["-h"], "help"), (["help"], "help"), (["devices", "-h"], "help"),
      (["--version"], "version"), (["version"], "version"), (["devices"], "devices"),
      ([], "serve"), (["serve"], "serve"), (["call", "ws://a/ws"], "call"),
      (["call", "-h"], "help"), (["publish", "tank", "-5"], "publish"),
      (["publish", "tank", "20.5", "--unit", "l", "--socket", "/x"], "publish"),
      (["publish", "-h"], "help"), (["ring"], "ring"), (["ring", "--help"], "help"),
      (["ring", "--wait", "--name", "a b", "--state", "/x"], "ring"), (["config"], "config"),
      (["config", "--reference"], "reference"),
      (["config", "--size", "64x64", "--show-secrets"], "config"),
    ] {
      let found =
        switch try Command(arguments: words, search: .nowhere) {
        case .serve: "serve"
        case .call: "call"
        case .publish: "publish"
        case .ring: "ring"
        case .config: "config"
        case .reference: "reference"
        case .devices: "devices"
        case .help: "help"
        case .version: "version"
        }
      #expect(found == wanted)
    }
  }

  @Test func `takes whom to call before or among the options`() throws {
    for words in [
      ["call", "ws://b:8080/ws?token=x", "--camera", "none"],
      ["call", "--camera", "none", "ws://b:8080/ws?token=x"],
      ["call", "--camera", "none", "wss://b:8080/ws?token=x", "--ca", "ca.crt"],
    ] {
      guard
        case .call(let address, let configuration) = try Command(
          arguments: words,
          search: .nowhere
        )
      else {
        Issue.record("not call")
        continue
      }
      #expect(address.description == "\(address.isSecure ? "wss" : "ws")://b:8080/ws?token=x")
      #expect(configuration.settings.authorities == (address.isSecure ? "ca.crt" : nil))
      #expect(configuration.settings.camera == CameraSelection.none)
    }
    #expect(refusal(["call"])?.holds("ws://HOST:PORT/ws") == true)
    #expect(refusal(["call", "shed"])?.holds("\"shed\"") == true)
    #expect(refusal(["call", "https://shed/ws"])?.holds("wss:") == true)
    #expect(refusal(["serve", "--ca", "ca.crt"])?.holds("no use") == true)
    #expect(refusal(["call", "ws://a", "ws://b"])?.holds("\"ws://b\"") == true)
    #expect(refusal(["devices", "ws://a"])?.holds("\"ws://a\"") == true)
  }

  @Test func `suggests the nearest option, but no far one`() {
    #expect(refusal(["--lisen", "x"])?.holds("Did you mean --listen?") == true)
    #expect(refusal(["--bit-rate=1M"])?.holds("--bitrate?") == true)
    #expect(refusal(["--log", "x"])?.holds("--help") == true)
    let far = refusal(["--zzzzzzzzzzzz"])
    #expect(far?.holds("Did you mean") == false && far?.holds("--help") == true)
    #expect(refusal(["cal", "ws://a"])?.holds("Did you mean call?") == true)
    #expect(refusal(["start"])?.holds("\"start\"") == true)
    #expect(refusal(["serve", "now"])?.holds("\"now\"") == true)
    #expect(refusal(["-x"])?.holds("\"-x\"") == true)
    #expect(refusal(["--"]) != nil)
  }

  @Test func `lists every option with its default in the help`() {
    for option in Option.all {
      #expect(Command.helpText.holds("--\(option.name) \(option.placeholder)"))
      #expect(Command.helpText.holds("\(option.help) [\(option.standard)]"))
    }
  }

  @Test func `refuses what the command has no use for`() {
    for option in Option.all {
      let value = Self.values.first { $0.name == option.name }?.good.first ?? ""
      let words = ["--\(option.name)=\(value)"]
      #expect(refusal(["config"] + words) == nil, "\(option.name)")
      let called = refusal(["call", "ws://a/ws"] + words)
      #expect((called == nil) == option.commands.contains(.call), "\(option.name)")
      #expect(called?.holds("porthole call has no use for --\(option.name)") ?? true)
      #expect(refusal(["devices"] + words)?.holds("porthole devices") == true)
    }
    #expect(refusal(["call", "ws://a/ws", "--token", "none"])?.holds("--token") == true)
    #expect(
      refusal(["--show-secrets"]) != nil && refusal(["call", "ws://a", "--reference"]) != nil
    )
  }
}

extension String {
  /// Whether the text contains `word`, byte by byte.
  func holds(_ word: String) -> Bool {
    let text = Array(utf8)
    let part = Array(word.utf8)
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }
}
