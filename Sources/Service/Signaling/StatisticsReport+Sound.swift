// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import WebRTC

extension StatisticsReport {
  static func microphone(_ source: AudioSource) -> JSONValue {
    let facts = source.facts
    return .object([
      "label": .string(source.label),
      "channelCount": .integer(Int64(facts.channelCount)),
      "expectedLoss": .integer(Int64(facts.expectedLoss)),
      "samplesCaptured": .integer(Int64(clamping: facts.samplesCaptured)),
      "interruptions": .integer(Int64(clamping: facts.interruptions)),
      "packetsEncoded": .integer(Int64(clamping: facts.packetsEncoded)),
      "bytesEncoded": .integer(Int64(clamping: facts.bytesEncoded)),
      "totalEncodeTime": .number(facts.totalEncodeTime),
      "targetBitrate": .integer(Int64(facts.targetBitrate)),
      "level": facts.level.map { .number($0) } ?? .null,
      "frequency": facts.frequency.map { .number($0) } ?? .null,
      "cleaning": cleaning(source),
      "problem": source.problem.map { .string($0) } ?? .null,
    ])
  }

  private static func cleaning(_ source: AudioSource) -> JSONValue {
    let (cleaning, facts) = (source.cleaning, source.cleaningFacts)
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    return .object([
      "echo": .string(source.loudspeaker == nil ? "off" : cleaning.echo.rawValue),
      "noiseSuppression": .bool(cleaning.suppressesNoise),
      "autoGainControl": .bool(cleaning.controlsGain),
      "echoReturnLoss": number(facts.echoReturnLoss),
      "echoReturnLossEnhancement": number(facts.echoReturnLossEnhancement),
      "echoDelay": number(facts.echoDelay),
      "clockDrift": number(facts.clockDrift),
      "restarts": .integer(Int64(clamping: facts.restarts)),
      "totalCleaningTime": .number(facts.totalCleaningTime),
    ])
  }

  static func speaker(_ speaker: Loudspeaker) -> JSONValue {
    let facts = speaker.facts
    return .object([
      "label": .string(speaker.label),
      "samplesPlayed": .integer(Int64(clamping: facts.samplesPlayed)),
      "interruptions": .integer(Int64(clamping: facts.interruptions)),
      "totalDecodeTime": .number(facts.totalDecodeTime),
      "level": facts.level.map { .number($0) } ?? .null,
      "frequency": facts.frequency.map { .number($0) } ?? .null,
      "onset": facts.onset.map { .number($0) } ?? .null,
      "talkers": .array(facts.talkers.map { talker($0) }),
      "waiting": .integer(Int64(speaker.waiting.count)),
      "problem": speaker.problem.map { .string($0) } ?? .null,
    ])
  }

  private static func talker(_ talker: Loudspeaker.Talker) -> JSONValue {
    .object([
      "jitterBufferDelay": .number(talker.jitterBufferDelay),
      "jitterBufferTargetDelay": .number(talker.jitterBufferTargetDelay),
      "totalSamplesReceived": .integer(Int64(clamping: talker.totalSamplesReceived)),
      "concealedSamples": .integer(Int64(clamping: talker.concealedSamples)),
      "packetsDiscarded": .integer(Int64(clamping: talker.packetsDiscarded)),
      "clockDrift": .number(talker.clockDrift),
    ])
  }
}
