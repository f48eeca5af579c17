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
      help: "none | test | an ALSA device: the sound that viewers hear",
      more:
        "`porthole devices` lists the sound cards; `default` is the one that ALSA is set to. `test` "
        + "is a tone of 1 kHz.",
      apply: { (value, settings) throws(ValueFault) in
        settings.microphone = try OptionValue.sound(value)
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
        settings.speaker = try OptionValue.sound(value)
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
