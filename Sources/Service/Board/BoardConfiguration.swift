// SPDX-License-Identifier: Apache-2.0
public import EventLoop

/// A file whose number is a sensor's value: `[[sensor]]`.
public struct SensorConfiguration: Equatable, Sendable {
  /// Names the sensor for programs.
  public var name: String
  /// Names it for a person; its name where there is none.
  public var label: String?
  /// The path of the file.
  public var file: String
  /// What the number is multiplied by.
  public var scale: Double
  /// What is then added.
  public var offset: Double
  /// The unit behind the value.
  public var unit: String
  /// How often it is read while somebody watches.
  public var interval: Duration

  /// Creates the configuration of a sensor.
  public init(
    name: String,
    label: String? = nil,
    file: String,
    scale: Double = 1,
    offset: Double = 0,
    unit: String = "",
    interval: Duration = .seconds(1)
  ) {
    self.name = name
    self.label = label
    self.file = file
    self.scale = scale
    self.offset = offset
    self.unit = unit
    self.interval = interval
  }
}

/// A line of a GPIO chip that can be switched: `[[gpio]]`.
public struct OutputConfiguration: Equatable, Sendable {
  /// Names the output for programs.
  public var name: String
  /// Names it for a person; its name where there is none.
  public var label: String?
  /// The path of the chip.
  public var chip: String
  /// The line's number on the chip.
  public var line: UInt32
  /// Whether on means a low level.
  public var isActiveLow: Bool
  /// What it is when the program starts.
  public var isOn: Bool

  /// Creates the configuration of an output.
  public init(
    name: String,
    label: String? = nil,
    chip: String = "/dev/gpiochip0",
    line: UInt32,
    isActiveLow: Bool = false,
    isOn: Bool = false
  ) {
    self.name = name
    self.label = label
    self.chip = chip
    self.line = line
    self.isActiveLow = isActiveLow
    self.isOn = isOn
  }
}

/// A line of a GPIO chip that rings when it is pressed: `[[button]]`.
public struct ButtonConfiguration: Equatable, Sendable {
  /// Names the button for programs.
  public var name: String
  /// What the pages say that rings; its name where there is none.
  public var label: String?
  /// The path of the chip.
  public var chip: String
  /// The line's number on the chip.
  public var line: UInt32
  /// Whether pressed means a low level.
  public var isActiveLow: Bool
  /// What holds the line while it is not pressed.
  public var bias: GPIOButton.Bias
  /// How long a level must stay to count.
  public var debounce: Duration

  /// Creates the configuration of a button.
  public init(
    name: String,
    label: String? = nil,
    chip: String = "/dev/gpiochip0",
    line: UInt32,
    isActiveLow: Bool = false,
    bias: GPIOButton.Bias = .asIs,
    debounce: Duration = .milliseconds(50)
  ) {
    self.name = name
    self.label = label
    self.chip = chip
    self.line = line
    self.isActiveLow = isActiveLow
    self.bias = bias
    self.debounce = debounce
  }
}

/// A program that may be started: `[[action]]`.
///
/// Nothing that comes over the network chooses or completes its words (S15).
public struct ActionConfiguration: Equatable, Sendable {
  /// Names the action for programs.
  public var name: String
  /// Names it for a person; its name where there is none.
  public var label: String?
  /// The program's whole path, and its arguments.
  public var command: [String]
  /// How long it may run.
  public var time: Duration

  /// Creates the configuration of an action.
  public init(
    name: String,
    label: String? = nil,
    command: [String],
    time: Duration = .seconds(10)
  ) {
    self.name = name
    self.label = label
    self.command = command
    self.time = time
  }
}

/// What a board is told of its sensors, outputs and actions.
public struct BoardConfiguration: Equatable, Sendable {
  /// Files that are read besides what is found.
  public var sensors: [SensorConfiguration] = []
  /// Whether sensors are looked for.
  public var findsSensors = true
  /// Lines that can be switched.
  public var outputs: [OutputConfiguration] = []
  /// Programs that may be started.
  public var actions: [ActionConfiguration] = []
  /// Lines that ring when they are pressed.
  public var buttons: [ButtonConfiguration] = []
  /// How long a call rings.
  public var ringTime: Duration = .seconds(30)
  /// The camera whose settings are offered; `nil` where it has none.
  public var camera: String?
  /// Where the machine's `/sys` and `/proc` lie: empty, or the folder of a test.
  public var root = ""

  /// Nothing but what is found.
  public init() {}

  /// What is wrong with it, in sentences that say what to do; empty when it can be used.
  public var faults: [String] {
    var faults: [String] = []
    var names: Set<String> = []
    for (kind, name) in sensors.map({ ("sensor", $0.name) }) + outputs.map({ ("gpio", $0.name) })
      + actions.map({ ("action", $0.name) }) + buttons.map({ ("button", $0.name) })
    {
      if !BoardName.isName(name) {
        faults.append(
          "[[\(kind)]] '\(name)': a name is 1 to 32 letters, digits, '-', '_', '.' or ':'"
        )
      }
      // Sensors have a channel of their own, so their names too.
      if !names.insert((kind == "sensor" ? "s" : "c") + name).inserted {
        faults.append("[[\(kind)]] '\(name)': the name is taken already; choose another one")
      }
    }
    for sensor in sensors {
      if sensor.file.utf8.first != UInt8(ascii: "/") {
        faults.append("[[sensor]] '\(sensor.name)': file is a whole path, such as /sys/…")
      }
      if !(Duration.milliseconds(100)...(.seconds(3600))).contains(sensor.interval) {
        faults.append("[[sensor]] '\(sensor.name)': interval is from 0.1 to 3600 seconds")
      }
    }
    for action in actions {
      if action.command.first?.utf8.first != UInt8(ascii: "/") || action.command.count > 64 {
        faults.append(
          "[[action]] '\(action.name)': command is a list of words, at most 64; the first is the "
            + "program's whole path, and no shell reads them"
        )
      }
      if !(Duration.milliseconds(100)...(.seconds(600))).contains(action.time) {
        faults.append("[[action]] '\(action.name)': time is from 0.1 to 600 seconds")
      }
    }
    for button in buttons
    where !(Duration.zero...(.seconds(1))).contains(button.debounce) {
      faults.append("[[button]] '\(button.name)': debounce is from 0 to 1 second")
    }
    if sensors.count > 32 { faults.append("[[sensor]]: there may be 32 at most") }
    if outputs.count > 64 { faults.append("[[gpio]]: there may be 64 at most") }
    if actions.count > 64 { faults.append("[[action]]: there may be 64 at most") }
    if buttons.count > 16 { faults.append("[[button]]: there may be 16 at most") }
    return faults
  }
}
