// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop

extension ConfigurationSection {
  /// A file whose number is a sensor's value.
  static let sensor = ConfigurationSection(
    name: "sensor",
    help: """
      A file with a number at its beginning, shown as a sensor: [telemetry](telemetry.md).

          [[sensor]]
          name = "tank"
          label = "Water tank"
          file = "/sys/bus/w1/devices/28-0316a4f1aaff/temperature"
          scale = 0.001
          offset = 0
          unit = "°C"
          interval = 2

      `name` and `file` must be there. The number is multiplied by `scale`, then `offset` is added; `interval` is in
      seconds, from 0.1, and 1 unless it is given.
      """
  ) { (table, settings) throws(UsageError) in
    let sensor = SensorConfiguration(
      name: try table.requiredString("name"),
      label: try table.string("label"),
      file: try table.requiredString("file"),
      scale: try table.number("scale", in: -1e12...1e12) ?? 1,
      offset: try table.number("offset", in: -1e12...1e12) ?? 0,
      unit: try table.string("unit") ?? "",
      interval: .seconds(try table.number("interval", in: 0.1...3600) ?? 1)
    )
    settings.board.sensors.append(sensor)
    try check(settings, table)
  }

  /// A line of a GPIO chip that can be switched.
  static let gpio = ConfigurationSection(
    name: "gpio",
    help: """
      A line of a GPIO chip that can be switched from the page: [control](control.md).

          [[gpio]]
          name = "lamp"
          label = "Lamp"
          chip = "/dev/gpiochip0"
          line = 17
          active-low = false
          on = false

      `name` and `line` must be there; the values of the others above are those that they have otherwise, but for `label`.
      """
  ) { (table, settings) throws(UsageError) in
    let output = OutputConfiguration(
      name: try table.requiredString("name"),
      label: try table.string("label"),
      chip: try table.string("chip") ?? "/dev/gpiochip0",
      line: UInt32(try table.requiredInteger("line", in: 0...65_535)),
      isActiveLow: try table.boolean("active-low") ?? false,
      isOn: try table.boolean("on") ?? false
    )
    settings.board.outputs.append(output)
    settings.offersControl = true
    try check(settings, table)
  }

  /// A line of a GPIO chip that rings.
  static let button = ConfigurationSection(
    name: "button",
    help: """
      A line of a GPIO chip that rings on every open page when it is pressed: [the bell](bell.md).

          [[button]]
          name = "front-door"
          label = "Front door"
          chip = "/dev/gpiochip0"
          line = 27
          active-low = false
          bias = "as-is"
          debounce = 0.05

      `name` and `line` must be there; the values of the others above are those that they have otherwise, but for `label`.
      `bias` is as-is, pull-up or pull-down; `debounce` is in seconds, to 1. A button between the line and ground takes
      `active-low = true` and, without a resistor of its own, `bias = "pull-up"`.
      """
  ) { (table, settings) throws(UsageError) in
    let bias = try table.string("bias") ?? GPIOButton.Bias.asIs.rawValue
    guard let pull = GPIOButton.Bias(rawValue: bias) else {
      throw table.error("bias", "knows as-is, pull-up and pull-down, not \"\(bias)\"")
    }
    let button = ButtonConfiguration(
      name: try table.requiredString("name"),
      label: try table.string("label"),
      chip: try table.string("chip") ?? "/dev/gpiochip0",
      line: UInt32(try table.requiredInteger("line", in: 0...65_535)),
      isActiveLow: try table.boolean("active-low") ?? false,
      bias: pull,
      debounce: .seconds(try table.number("debounce", in: 0...1) ?? 0.05)
    )
    settings.board.buttons.append(button)
    try check(settings, table)
  }

  /// A program that may be started.
  static let action = ConfigurationSection(
    name: "action",
    help: """
      A program that may be started from the page: [control](control.md).

          [[action]]
          name = "restart-modem"
          label = "Restart the modem"
          command = ["/usr/local/bin/restart-modem", "--now"]
          time = 10

      `name` and `command` must be there. `command` is a list of words, the first one a whole path; no shell reads it.
      `time` is how many seconds it may run, from 0.1 to 600, and 10 unless it is given.
      """
  ) { (table, settings) throws(UsageError) in
    let action = ActionConfiguration(
      name: try table.requiredString("name"),
      label: try table.string("label"),
      command: try table.requiredStrings("command"),
      time: .seconds(try table.number("time", in: 0.1...600) ?? 10)
    )
    settings.board.actions.append(action)
    settings.offersControl = true
    try check(settings, table)
  }

  private static func check(
    _ settings: Settings,
    _ table: ConfigurationTable
  ) throws(UsageError) {
    guard let fault = settings.board.faults.first else { return }
    throw UsageError("\(table.file):\(table.line): \(fault).")
  }
}
