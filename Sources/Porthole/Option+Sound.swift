// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import MediaTypes

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
    Option(
      "echo",
      "HOW",
      table: "sound",
      standard: "cancel",
      value: "cancel",
      commands: [.serve, .call],
      help: "cancel | duck | off: what is done where the microphone hears the speaker",
      more:
        "`cancel` takes the echo out, so that both sides may speak at a time; it needs a speaker and a "
        + "microphone less than 118 ms apart, and no amplifier that distorts. `duck` makes the microphone "
        + "quiet while the speaker is not. Without a speaker, and with `test`, nothing is done.",
      apply: { (value, settings) throws(ValueFault) in
        settings.cleaning.echo = try OptionValue.word(value)
      }
    ),
    Option(
      "noise-suppression",
      "SWITCH",
      table: "sound",
      standard: "off",
      value: "off",
      commands: [.serve, .call],
      help: "on | off: lower noise in the microphone that does not change",
      more: "By up to 18 dB. Good for speech; it also lowers machines, rain and test tones.",
      apply: { (value, settings) throws(ValueFault) in
        settings.cleaning.suppressesNoise = try OptionValue.toggle(value)
      }
    ),
    Option(
      "gain-control",
      "SWITCH",
      table: "sound",
      standard: "off",
      value: "off",
      commands: [.serve, .call],
      help: "on | off: bring speech in the microphone to one level",
      more: "By up to 20 dB more: for people who stand near or far.",
      apply: { (value, settings) throws(ValueFault) in
        settings.cleaning.controlsGain = try OptionValue.toggle(value)
      }
    ),
  ]
}
