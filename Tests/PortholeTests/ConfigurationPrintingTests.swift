// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
@testable import Porthole
import Testing

@Suite struct ConfigurationPrintingTests {
  private let file = """
    state = "/tmp/porthole-nothing-here"
    [camera]
    source = 'file:C:\\x "y".y4m'
    rate = 12
    [video]
    bitrate = 700_000
    [network]
    interface = []
    [access]
    token = "my-secret-1"
    allow-origin = ["http://a", "https://b:8443"]
    """

  /// A value of each option that is none of the defaults.
  private var everything: [String: [String]] {
    var flags: [String: [String]] = [:]
    for row in CommandTests.values where row.name != "config" {
      flags[row.name] = Option.named(row.name)?.form == .list ? row.good : row.good.suffix(1)
    }
    return flags
  }

  @Test func `prints a file that says the same`() throws {
    for flags in [[:], ["rate": ["9"], "control-token": ["my-secret-2"]], everything] {
      for text in ["", file] {
        let first = try Configuration(flags: flags, search: .text(text))
        let printed = first.text(showsSecrets: true)
        let second = try Configuration(search: .text(printed))
        if first.settings.stateDirectory != nil {
          #expect(second.settings == first.settings, "\(printed)")
        } else {
          var settings = second.settings
          settings.stateDirectory = nil
          settings.token = first.settings.token
          settings.controlToken = first.settings.controlToken
          #expect(settings == first.settings, "\(printed)")
        }
        _ = try Configuration(search: .text(first.text(showsSecrets: false)))
      }
    }
  }

  @Test func `says where each value came from`() throws {
    let text = try Configuration(flags: ["size": ["64x64"]], search: .text(file))
      .text(showsSecrets: false)
    for (key, origin) in [
      ("rate = 12 ", "# porthole.toml:4"), ("size = \"64x64\" ", "# --size"),
      ("threads = 1 ", "# default"), ("udp-port = 0 ", "# default: any free"),
      ("interface = [] ", "# porthole.toml:8"), ("# token = ", "# porthole.toml:10;"),
      ("state = \"/tmp/porthole-nothing-here\" ", "# porthole.toml:1"),
    ] {
      let line = text.utf8.split(separator: 10).map { String(decoding: Array($0), as: UTF8.self) }
        .first { $0.utf8.starts(with: key.utf8) }
      #expect(line?.holds(origin) == true, "\(key): \(line ?? text)")
    }
    #expect(text.utf8.starts(with: "# Read from porthole.toml".utf8))
    for option in Option.all {
      guard let key = option.key else { continue }
      #expect(text.holds("\(key.name) ="), "\(key.name)")
    }
  }

  @Test func `shows a token only to those who ask`() throws {
    let path = "/tmp/porthole-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    defer { for name in ["/control-token", ""] { unsafe remove(path + name) } }
    let flags = ["state": [path]]
    let configuration = try Configuration(
      flags: flags,
      search: .text("[access]\ntoken = 'my-secret-1'")
    )
    #expect(!configuration.text(showsSecrets: false).holds("my-secret"))
    let before = configuration.text(showsSecrets: true)
    #expect(before.holds("my-secret-1") && before.holds("made at the first start"))
    #expect(try LocalFile.read(path + "/control-token", limit: 100) == nil, "looking made a token")
    let kept = try StateDirectory(path).token("control-token")
    let after = configuration.text(showsSecrets: true)
    #expect(after.holds("control-token = \"\(kept)\"") && after.holds("# \(path)/control-token"))
    #expect(!configuration.text(showsSecrets: false).holds(kept))
  }
}
