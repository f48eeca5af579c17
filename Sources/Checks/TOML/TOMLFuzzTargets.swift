// SPDX-License-Identifier: Apache-2.0
private import TOML

extension FuzzTarget {
  /// The parser of the configuration file; what can be read is printed and read again.
  public static let toml: [FuzzTarget] = [
    FuzzTarget(
      "toml",
      seeds: [
        """
        # A comment — with more than ASCII.
        log-level = "info"   # behind a value
        state = 'C:\\state'

        [camera]
        size = "1280x720"
        rate = 30
        bitrate = 2_500_000
        gain = -0.5e-3
        flip = true
        "quoted key" = "\\u00e9 \\U0001F600 \\" \\\\ \\t"
        """,
        """
        [network]\r
        interface = [\r
          "eth0", # the wire\r
          'wlan0',\r
        ]\r
        mask = [0xFF, 0o17, 0b101, [+1, -2.0], []]\r
        """,
        """
        a.b.c = 1
        a.b.d = { x = 1, y.z = [{ k = "v" }], empty = {} }

        [[sensor]]
        name = "one"
        [sensor.range]
        low = 1e3
        [[sensor.alarm]]
        above = 30
        [[sensor.alarm]]
        [[sensor]]
        name = "two"
        [deep.er.still]
        [deep]
        """,
      ].map { Array($0.utf8) }
    ) { input in
      guard let table = try? TOMLTable(parsing: input) else { return }
      let text = table.description
      let again = try? TOMLTable(parsing: text, limits: TOMLLimits(bytes: .max))
      precondition(again?.description == text, "a table changed by printing")
    }
  ]
}
