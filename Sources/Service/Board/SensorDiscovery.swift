// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import Telemetry

/// The sensors that a machine has without being told: load, memory, wireless signal, the kernel's thermal
/// zones, hardware monitors (hwmon) and industrial sensors (IIO).
struct SensorDiscovery: Sendable {
  /// One sensor that was found.
  struct Finding: Equatable, Sendable {
    var description: SensorDescription
    var source: SensorSource
  }

  /// Most sensors that are taken by themselves; what is missing can be configured.
  static let maximum = 24

  /// Where the machine's `/sys` and `/proc` lie: empty, or the folder of a test.
  let root: String
  private var found: [Finding] = []

  /// Looks around below `root`; reads many small files, which may block.
  static func all(root: String) -> [Finding] {
    var discovery = SensorDiscovery(root: root)
    discovery.findTemperatures()
    discovery.findProcess()
    discovery.findMonitors()
    discovery.findIndustrial()
    return Array(discovery.found.prefix(maximum))
  }

  private init(root: String) {
    self.root = root
  }

  private mutating func add(_ name: String, _ label: String, _ unit: String, _ source: SensorSource)
  {
    guard let base = SensorDescription.name(from: name) else { return }
    var candidate = base
    var number = 2
    while found.contains(where: { $0.description.name == candidate }) {
      let ending = "-\(number)"
      let room = SensorDescription.maximumName - ending.utf8.count
      candidate = String(decoding: Array(base.utf8.prefix(room)), as: UTF8.self) + ending
      number += 1
    }
    let many = number > 2 ? " \(number - 1)" : ""
    guard
      let description = SensorDescription(name: candidate, label: label + many, unit: unit)
    else { return }
    found.append(Finding(description: description, source: source))
  }

  private func text(_ path: String) -> String? {
    guard let bytes = try? LocalFile.read(path, limit: 4096) else { return nil }
    let word = SensorText.word(bytes)
    return word.isEmpty ? nil : word
  }

  private func number(_ path: String) -> Double? {
    guard let bytes = try? LocalFile.read(path, limit: 4096) else { return nil }
    return SensorText.leadingNumber(bytes)
  }

  private func exists(_ path: String) -> Bool {
    (try? LocalFile.read(path, limit: 8192)) != nil
  }

  // MARK: Thermal zones

  private mutating func findTemperatures() {
    let folder = "\(root)/sys/class/thermal"
    for zone in LocalFile.names(in: folder) where zone.utf8.starts(with: "thermal_zone".utf8) {
      let path = "\(folder)/\(zone)/temp"
      guard let type = text("\(folder)/\(zone)/type") else { continue }
      add(type, Self.label(type), "°C", .file(path: path, scale: 0.001, offset: 0))
    }
  }

  // MARK: Load, memory, signal

  private mutating func findProcess() {
    let proc = "\(root)/proc"
    if exists("\(proc)/loadavg") { add("load", "Load", "", .load(path: "\(proc)/loadavg")) }
    if exists("\(proc)/meminfo") {
      add("memory", "Memory used", "%", .memory(path: "\(proc)/meminfo"))
    }
    let path = "\(proc)/net/wireless"
    guard let bytes = try? LocalFile.read(path, limit: 8192) else { return }
    for (name, _) in SensorText.wirelessLevels(bytes) {
      add("wifi-\(name)", "Wi-Fi \(name)", "dBm", .wireless(path: path, interface: name))
    }
  }

  // MARK: Hardware monitors

  /// The beginnings of file names, with what a number is multiplied by and the unit that it then has
  /// (the kernel's hwmon/sysfs-interface).
  private static let monitored: [(prefix: String, scale: Double, unit: String)] = [
    ("temp", 0.001, "°C"), ("in", 0.001, "V"), ("curr", 0.001, "A"), ("power", 0.000_001, "W"),
    ("fan", 1, "rpm"), ("humidity", 0.001, "%"),
  ]

  private mutating func findMonitors() {
    let folder = "\(root)/sys/class/hwmon"
    for device in LocalFile.names(in: folder) {
      let place = "\(folder)/\(device)"
      guard let chip = text("\(place)/name"), !isThermalZone(chip) else { continue }
      for file in LocalFile.names(in: place) {
        guard let channel = Self.channel(of: file, ending: "_input"),
          let kind = Self.monitored.first(where: { Self.is(channel, numbered: $0.prefix) })
        else { continue }
        let label = text("\(place)/\(channel)_label")
        add(
          "\(chip)-\(label ?? channel)",
          "\(Self.label(chip)) \(label ?? channel)",
          kind.unit,
          .file(path: "\(place)/\(file)", scale: kind.scale, offset: 0)
        )
      }
    }
  }

  /// Every thermal zone is a hardware monitor too, whose name has `_` for `-`.
  private func isThermalZone(_ chip: String) -> Bool {
    found.contains { finding in
      guard case .file = finding.source else { return false }
      return finding.description.name.utf8.elementsEqual(chip.utf8) { zone, name in
        zone == name || zone == UInt8(ascii: "-") && name == UInt8(ascii: "_")
      }
    }
  }

  // MARK: Industrial sensors

  /// The kinds of channel, with what the kernel's unit is multiplied by and the unit that it then has
  /// (the kernel's ABI/testing/sysfs-bus-iio).
  private static let industrial: [(prefix: String, scale: Double, unit: String)] = [
    ("in_temp", 0.001, "°C"), ("in_humidityrelative", 0.001, "%"), ("in_pressure", 10, "hPa"),
    ("in_illuminance", 1, "lx"), ("in_voltage", 0.001, "V"), ("in_current", 0.001, "A"),
    ("in_power", 0.001, "W"), ("in_accel", 1, "m/s²"), ("in_anglvel", 1, "rad/s"),
    ("in_magn", 1, "G"), ("in_concentration", 1, "%"), ("in_distance", 1, "m"),
    ("in_proximity", 1, ""),
  ]

  private mutating func findIndustrial() {
    let folder = "\(root)/sys/bus/iio/devices"
    for device in LocalFile.names(in: folder) where device.utf8.starts(with: "iio:device".utf8) {
      let place = "\(folder)/\(device)"
      guard let chip = text("\(place)/name") else { continue }
      let files = LocalFile.names(in: place)
      for file in files {
        if let channel = Self.channel(of: file, ending: "_input") {
          addIndustrial(chip, channel, "\(place)/\(file)", scale: 1, offset: 0)
        } else if let channel = Self.channel(of: file, ending: "_raw"),
          !files.contains("\(channel)_input")
        {
          let scale = shared("scale", of: channel, in: place) ?? 1
          let offset = shared("offset", of: channel, in: place) ?? 0
          addIndustrial(chip, channel, "\(place)/\(file)", scale: scale, offset: offset * scale)
        }
      }
    }
  }

  private mutating func addIndustrial(
    _ chip: String,
    _ channel: String,
    _ path: String,
    scale: Double,
    offset: Double
  ) {
    guard let kind = Self.industrial.first(where: { channel.utf8.starts(with: $0.prefix.utf8) })
    else { return }
    let name = String(decoding: Array(channel.utf8.dropFirst(3)), as: UTF8.self)
    add(
      "\(chip)-\(name)",
      "\(Self.label(chip)) \(name)",
      kind.unit,
      .file(path: path, scale: scale * kind.scale, offset: offset * kind.scale)
    )
  }

  /// A number that a channel has for itself, or shares with all of its kind.
  private func shared(_ what: String, of channel: String, in place: String) -> Double? {
    if let own = number("\(place)/\(channel)_\(what)") { return own }
    guard let kind = Self.industrial.first(where: { channel.utf8.starts(with: $0.prefix.utf8) })
    else { return nil }
    return number("\(place)/\(kind.prefix)_\(what)")
  }

  // MARK: Names

  private static func channel(of file: String, ending: String) -> String? {
    let (name, end) = (Array(file.utf8), Array(ending.utf8))
    guard name.count > end.count, name.suffix(end.count).elementsEqual(end) else { return nil }
    return String(decoding: name.dropLast(end.count), as: UTF8.self)
  }

  private static func `is`(_ channel: String, numbered prefix: String) -> Bool {
    let rest = channel.utf8.dropFirst(prefix.utf8.count)
    return channel.utf8.starts(with: prefix.utf8) && !rest.isEmpty
      && rest.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// A name of the kernel's for a person: `cpu-thermal` is the temperature of the CPU.
  private static func label(_ name: String) -> String {
    let words = name.utf8.split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
      .map { String(decoding: Array($0), as: UTF8.self) }
      .filter { $0 != "thermal" }
    guard let first = words.first else { return name }
    let short = ["cpu", "gpu", "soc", "ddr", "npu", "x86"]
    let head = short.contains(first) ? first.uppercased() : first
    return ([head] + words.dropFirst()).joined(separator: " ")
  }
}
