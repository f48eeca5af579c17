// SPDX-License-Identifier: Apache-2.0
internal import Capture

extension Option {
  /// Microphone and loudspeaker.
  static let sound = [
    Option(
      "microphone",
      "NAME",
      table: "sound",
      standard: "none",
      value: "none",
      commands: [.serve, .call],
      help: "none | test | clock | an ALSA device: the sound that viewers hear",
      more:
        "`porthole devices` lists the sound cards; `default` is the one that ALSA is set to. `test` "
        + "is a tone of 1 kHz, `clock` the same for a tenth of each second, for measuring delays.",
      apply: { (value, settings) throws(ValueFault) in
        settings.microphone = try OptionValue.sound(value)
      }
    ),
    Option(
      "microphone-channels",
      "N",
      .number,
      table: "sound",
      standard: "1",
      value: "1",
      commands: [.serve, .call],
      help: "channels of the microphone: 1, or 2 for those who ask for stereo",
      apply: { (value, settings) throws(ValueFault) in
        settings.microphoneChannels = try OptionValue.number(value, in: 1...2)
      }
    ),
    Option(
      "packet-time",
      "MS",
      .number,
      table: "sound",
      standard: "20",
      value: "20",
      commands: [.serve, .call],
      help: "milliseconds of sound in a packet: 20, or 10 for less delay and more packets",
      apply: { (value, settings) throws(ValueFault) in
        guard let time = Int(value), time == 10 || time == 20 else {
          throw ValueFault("takes 10 or 20, not \"\(value)\"")
        }
        settings.packetTime = time
      }
    ),
    Option(
      "speaker",
      "NAME",
      table: "sound",
      standard: "none",
      value: "none",
      commands: [.serve, .call],
      help: "none | test | an ALSA device: what viewers may talk through",
      more:
        "`test` measures what comes, for `/stats`, and plays nothing. Everybody who may watch may "
        + "talk.",
      apply: { (value, settings) throws(ValueFault) in
        let selection = try OptionValue.sound(value)
        guard selection != .clock else { throw ValueFault("takes no clock: that is a microphone") }
        settings.speaker = selection
      }
    ),
    Option(
      "talkers",
      "N",
      .number,
      table: "sound",
      standard: "1",
      value: "1",
      help: "how many are heard through the speaker at a time; the others wait for their turn",
      apply: { (value, settings) throws(ValueFault) in
        settings.talkers = try OptionValue.number(value, in: 1...8)
      }
    ),
  ]
}
