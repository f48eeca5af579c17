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
  ]
}
