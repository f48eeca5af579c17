// SPDX-License-Identifier: Apache-2.0
import Telemetry
import Testing

@testable import Board

/// Machines as their `/sys` and `/proc` tell of them.
@Suite struct SensorDiscoveryTests {
  private func rows(_ folder: Folder) -> [String] {
    SensorDiscovery.all(root: folder.path).map { finding in
      let description = finding.description
      let value =
        switch finding.source.read() {
        case .success(let value): "\((value * 1000).rounded() / 1000)"
        case .failure(let failure): failure.reason
        }
      return "\(description.name) | \(description.label) | \(value) \(description.unit)"
    }
  }

  @Test func `a machine that tells nothing has no sensors`() {
    #expect(rows(Folder()) == [])
  }

  @Test func `finds the board's temperature, load, memory and signal`() throws {
    let folder = Folder()
    try folder.write("cpu-thermal\n", to: "sys/class/thermal/thermal_zone0/type")
    try folder.write("45123\n", to: "sys/class/thermal/thermal_zone0/temp")
    try folder.write("step_wise\n", to: "sys/class/thermal/cooling_device0/type")
    try folder.write("0.52 0.58 0.59 1/467 12345\n", to: "proc/loadavg")
    try folder.write(
      "MemTotal:        1000000 kB\nMemFree: 5 kB\nMemAvailable:     250000 kB\n",
      to: "proc/meminfo"
    )
    try folder.write(
      """
      Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
       face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
       wlan0: 0000   54.  -56.  -256        0      0      0      0      0        0

      """,
      to: "proc/net/wireless"
    )
    #expect(
      rows(folder) == [
        "cpu-thermal | CPU | 45.123 °C", "load | Load | 0.52 ", "memory | Memory used | 75.0 %",
        "wifi-wlan0 | Wi-Fi wlan0 | -56.0 dBm",
      ]
    )
  }

  @Test func `finds hardware monitors, but no thermal zone a second time`() throws {
    let folder = Folder()
    try folder.write("cpu-thermal\n", to: "sys/class/thermal/thermal_zone0/type")
    try folder.write("40000\n", to: "sys/class/thermal/thermal_zone0/temp")
    let monitors = "sys/class/hwmon"
    try folder.write("cpu_thermal\n", to: "\(monitors)/hwmon0/name")
    try folder.write("40000\n", to: "\(monitors)/hwmon0/temp1_input")
    try folder.write("coretemp\n", to: "\(monitors)/hwmon1/name")
    try folder.write("Core 0\n", to: "\(monitors)/hwmon1/temp2_label")
    try folder.write("51000\n", to: "\(monitors)/hwmon1/temp2_input")
    try folder.write("99000\n", to: "\(monitors)/hwmon1/temp2_crit")
    try folder.write("pwmfan\n", to: "\(monitors)/hwmon2/name")
    try folder.write("1200\n", to: "\(monitors)/hwmon2/fan1_input")
    try folder.write("ina226\n", to: "\(monitors)/hwmon3/name")
    try folder.write("5012\n", to: "\(monitors)/hwmon3/in1_input")
    try folder.write("730\n", to: "\(monitors)/hwmon3/curr1_input")
    try folder.write("3650000\n", to: "\(monitors)/hwmon3/power1_input")
    try folder.write("1\n", to: "\(monitors)/hwmon3/intrusion0_input")
    #expect(
      rows(folder) == [
        "cpu-thermal | CPU | 40.0 °C", "coretemp-Core-0 | coretemp Core 0 | 51.0 °C",
        "pwmfan-fan1 | pwmfan fan1 | 1200.0 rpm", "ina226-curr1 | ina226 curr1 | 0.73 A",
        "ina226-in1 | ina226 in1 | 5.012 V", "ina226-power1 | ina226 power1 | 3.65 W",
      ]
    )
  }

  @Test func `finds industrial sensors, raw ones with their scale and offset`() throws {
    let folder = Folder()
    let device = "sys/bus/iio/devices/iio:device0"
    try folder.write("bme280\n", to: "\(device)/name")
    try folder.write("21870\n", to: "\(device)/in_temp_input")
    try folder.write("101.325\n", to: "\(device)/in_pressure_input")
    try folder.write("45500\n", to: "\(device)/in_humidityrelative_input")
    let converter = "sys/bus/iio/devices/iio:device1"
    try folder.write("mcp3008\n", to: "\(converter)/name")
    try folder.write("512\n", to: "\(converter)/in_voltage0_raw")
    try folder.write("3.222656\n", to: "\(converter)/in_voltage_scale")
    try folder.write("100\n", to: "\(converter)/in_temp_raw")
    try folder.write("500\n", to: "\(converter)/in_temp_scale")
    try folder.write("-60\n", to: "\(converter)/in_temp_offset")
    try folder.write("7\n", to: "\(converter)/in_count0_raw")
    #expect(
      rows(folder) == [
        "bme280-humidityrelative | bme280 humidityrelative | 45.5 %",
        "bme280-pressure | bme280 pressure | 1013.25 hPa", "bme280-temp | bme280 temp | 21.87 °C",
        "mcp3008-temp | mcp3008 temp | 20.0 °C", "mcp3008-voltage0 | mcp3008 voltage0 | 1.65 V",
      ]
    )
  }

  @Test func `sensors of the same name are told apart, and there are not too many`() throws {
    let folder = Folder()
    for number in 0..<40 {
      try folder.write("zone\n", to: "sys/class/thermal/thermal_zone\(number)/type")
      try folder.write("1000\n", to: "sys/class/thermal/thermal_zone\(number)/temp")
    }
    let found = SensorDiscovery.all(root: folder.path)
    #expect(found.count == SensorDiscovery.maximum)
    #expect(Set(found.map(\.description.name)).count == found.count)
    #expect(found[1].description.label == "zone 2")
  }

  @Test func `says why a sensor cannot be read`() throws {
    let folder = Folder()
    try folder.write("cpu-thermal\n", to: "sys/class/thermal/thermal_zone0/type")
    let path = "\(folder.path)/sys/class/thermal/thermal_zone0/temp"
    #expect(rows(folder) == ["cpu-thermal | CPU | \(path) is not there °C"])
    try folder.write("nothing\n", to: "sys/class/thermal/thermal_zone0/temp")
    #expect(rows(folder) == ["cpu-thermal | CPU | \(path) does not begin with a number °C"])
  }

  @Test(arguments: ["", " ", "nan", "inf", "0x", "--1", "\u{0}12"])
  func `a text that is no number is none`(_ text: String) {
    #expect(SensorText.leadingNumber(Array(text.utf8)) == nil)
  }

  @Test func `a FIFO in the place of a file holds nobody up`() throws {
    let folder = Folder()
    let path = "\(folder.path)/pipe"
    #expect(makePipe(path))
    let source = SensorSource.file(path: path, scale: 1, offset: 0)
    #expect(throws: SensorFailure.self) { try source.read().get() }
  }
}
