// SPDX-License-Identifier: Apache-2.0
import Board
import EventLoop
@testable import Porthole
import Testing

/// The tables of sensors, outputs and actions.
@Suite struct ConfigurationBoardTests {
  private func refusal(_ text: String) -> String {
    do throws(UsageError) {
      _ = try Configuration(search: .text(text))
    } catch {
      return error.description
    }
    return "taken"
  }

  @Test func `reads every key`() throws {
    let text = """
      [sensors]
      find = "none"

      [[sensor]]
      name = "tank"
      label = "Water tank"
      file = "/sys/x"
      scale = 0.001
      offset = -5
      unit = "°C"
      interval = 0.5

      [[gpio]]
      name = "lamp"
      line = 17
      active-low = true
      on = true

      [[action]]
      name = "go"
      command = ["/bin/true", "--now"]
      time = 2.5

      [bell]
      time = 45

      [[button]]
      name = "front"
      label = "Front door"
      line = 27
      active-low = true
      bias = "pull-up"
      debounce = 0.25
      """
    let settings = try Configuration(search: .text(text)).settings
    var board = BoardConfiguration()
    board.findsSensors = false
    board.sensors = [
      SensorConfiguration(
        name: "tank",
        label: "Water tank",
        file: "/sys/x",
        scale: 0.001,
        offset: -5,
        unit: "°C",
        interval: .milliseconds(500)
      )
    ]
    board.outputs = [OutputConfiguration(name: "lamp", line: 17, isActiveLow: true, isOn: true)]
    board.actions = [
      ActionConfiguration(name: "go", command: ["/bin/true", "--now"], time: .milliseconds(2500))
    ]
    board.ringTime = .seconds(45)
    board.buttons = [
      ButtonConfiguration(
        name: "front",
        label: "Front door",
        line: 27,
        isActiveLow: true,
        bias: .pullUp,
        debounce: .milliseconds(250)
      )
    ]
    #expect(settings.board == board)
    #expect(settings.offersControl)
  }

  @Test func `says what is wrong, and where`() {
    for (text, words) in [
      ("[[sensor]]\nfile = \"/x\"", "lacks the key name"),
      ("[[sensor]]\nname = \"a\"", "lacks the key file"),
      ("[[sensor]]\nname = \"a b\"\nfile = \"/x\"", "a name is 1 to 32 letters"),
      ("[[sensor]]\nname = \"a\"\nfile = \"x\"", "a whole path"),
      ("[[sensor]]\nname = \"a\"\nfile = \"/x\"\nintervall = 1", "did you mean interval?"),
      (
        "[[sensor]]\nname = \"a\"\nfile = \"/x\"\n[[sensor]]\nname = \"a\"\nfile = \"/y\"",
        ":4: [[sensor]] 'a': the name is taken"
      ),
      ("[[gpio]]\nname = \"a\"", "lacks the key line"),
      ("[[gpio]]\nname = \"a\"\nline = -1", "from 0 to 65535"),
      ("[[action]]\nname = \"a\"\ncommand = \"reboot\"", "whole path"),
      ("[[action]]\nname = \"a\"\ncommand = []", "whole path"),
      ("[[action]]\nname = \"a\"\ncommand = [1]", "a list of texts"),
      ("[[action]]\nname = \"a\"\ncommand = [\"/x\"]\ntime = 1000", "from 0.1 to 600"),
      ("[[actions]]\nname = \"a\"", "action"),
    ] {
      let sentence = refusal(text)
      #expect(sentence.holds(words), "\(sentence)")
    }
  }
}
