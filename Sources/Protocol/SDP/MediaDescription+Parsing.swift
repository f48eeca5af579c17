// SPDX-License-Identifier: Apache-2.0

/// An m-section while its lines are read: payload types may be described in any order.
struct MediaSection {
  private var media: MediaDescription
  /// Where each payload type stands in `slots`.
  private var slotOfType: [UInt8: Int] = [:]
  /// One codec per payload type of the m-line; those without a name have had no `a=rtpmap`.
  private var slots: [CodecDescription] = []
  /// Feedback for all formats (`a=rtcp-fb:*`).
  private var commonFeedback: [String] = []

  /// Starts a section with its `m=` line.
  init(_ line: SDPLine) throws(SDPError) {
    let words = line.value.words
    guard words.count >= 4 else {
      throw line.error("m= is not of the form kind port transport formats")
    }
    // "port/count" is of no use with ICE: the count is passed over.
    let (number, _) = words[1].cut(at: UInt8(ascii: "/"))
    guard words[0].isToken, let port = number.number(as: UInt16.self) else {
      throw line.error("m= has no kind, or no port from 0 to 65535")
    }
    guard words[2].isVisible else { throw line.error("m= has an unreadable transport") }
    media = MediaDescription(
      kind: .init(words[0].string),
      port: port,
      proto: words[2].string,
      formats: words[3...].map(\.string)
    )
    media.connection = nil
    guard media.isRTP else { return }
    for word in words[3...] {
      guard let type = word.number(as: UInt8.self), type <= 127 else {
        throw line.error("m= has a payload type that is no number from 0 to 127")
      }
      guard slotOfType.updateValue(slots.count, forKey: type) == nil else {
        throw line.error("m= has payload type \(type) twice")
      }
      slots.append(
        CodecDescription.fixed(type) ?? CodecDescription(payloadType: type, name: "", clockRate: 0)
      )
    }
    media.formats = slots.map { "\($0.payloadType)" }
  }

  /// The section, once all of its lines are read.
  func finished() -> MediaDescription {
    var result = media
    result.codecs = slots.filter { !$0.name.isEmpty }
    for index in result.codecs.indices {
      for feedback in commonFeedback where !result.codecs[index].feedback.contains(feedback) {
        result.codecs[index].feedback.append(feedback)
      }
    }
    return result
  }

  /// Takes one line after the `m=` line.
  mutating func take(_ line: SDPLine) throws(SDPError) {
    switch line.type {
    case UInt8(ascii: "c"):
      let connection = try MediaDescription.Connection(line)
      media.connection = media.connection ?? connection
    case UInt8(ascii: "b"):
      media.bandwidths.append(try MediaDescription.Bandwidth(line))
    case UInt8(ascii: "a"):
      let (name, value) = try line.attribute()
      if try media.transport.take(name, value, line) { return }
      if try takeFormat(name, value, line) { return }
      if try takeSource(name, value, line) { return }
      if try takeSection(name, value, line) { return }
      media.other.append(line.value.string)
    case UInt8(ascii: "i"), UInt8(ascii: "k"):
      break  // A title, and a key that RFC 8866 section 5.12 forbids to use.
    default:
      throw line.error("this letter does not belong into an m-section")
    }
  }

  /// Attributes of the section as a whole.
  private mutating func takeSection(
    _ name: String,
    _ value: SDPText?,
    _ line: SDPLine
  ) throws(SDPError) -> Bool {
    switch name {
    case "mid":
      guard let mid = value?.trimmed, mid.isToken else { throw line.error("a=mid needs a token") }
      media.mid = mid.string
    case "sendrecv", "sendonly", "recvonly", "inactive":
      media.statedDirection = MediaDirection(rawValue: name)
    case "rtcp-mux": media.hasRTCPMux = true
    case "rtcp-rsize": media.hasReducedSizeRTCP = true
    case "bundle-only": media.isBundleOnly = true
    case "extmap-allow-mixed": media.allowsMixedExtensions = true
    case "extmap": media.extensions.append(try ExtensionMap(value, line))
    case "end-of-candidates": media.isEndOfCandidates = true
    case "candidate":
      guard let text = value?.trimmed, !text.isEmpty else {
        throw line.error("a=candidate needs a value")
      }
      media.candidates.append(text.string)
    case "sctp-port":
      guard let port = value?.trimmed.number(as: UInt16.self) else {
        throw line.error("a=sctp-port has no number from 0 to 65535")
      }
      media.sctpPort = port
    case "max-message-size":
      guard let size = value?.trimmed.number(as: UInt64.self) else {
        throw line.error("a=max-message-size has no number")
      }
      media.maxMessageSize = size
    default:
      return false
    }
    return true
  }

  /// Attributes of one payload type.
  private mutating func takeFormat(
    _ name: String,
    _ value: SDPText?,
    _ line: SDPLine
  ) throws(SDPError) -> Bool {
    guard media.isRTP, name == "rtpmap" || name == "fmtp" || name == "rtcp-fb" else { return false }
    let (word, rest) = (value ?? []).trimmed.cut(at: UInt8(ascii: " "))
    let text = (rest ?? []).trimmed
    guard !text.isEmpty else { throw line.error("a=\(name) needs a payload type and a value") }
    if name == "rtcp-fb", word.elementsEqual("*".utf8) {
      let feedback = text.string
      guard !commonFeedback.contains(feedback) else { return true }
      guard commonFeedback.count < 32 else {
        throw line.error("there are more than 32 kinds of feedback for all formats")
      }
      commonFeedback.append(feedback)
      return true
    }
    guard let type = word.number(as: UInt8.self), type <= 127 else {
      throw line.error("a=\(name) has a payload type that is no number from 0 to 127")
    }
    // What describes a payload type that the m-line does not list describes nothing.
    guard let slot = slotOfType[type] else { return true }
    switch name {
    case "rtpmap":
      try slots[slot].take(encoding: text, line)
    case "fmtp":
      slots[slot].parameters = FormatParameters(text: text)
    default:
      slots[slot].feedback.append(text.string)
    }
    return true
  }

  /// Attributes of RTP sources and the tracks they belong to.
  private mutating func takeSource(
    _ name: String,
    _ value: SDPText?,
    _ line: SDPLine
  ) throws(SDPError) -> Bool {
    switch name {
    case "msid":
      let words = (value ?? []).words
      guard words.count == 1 || words.count == 2 else {
        throw line.error("a=msid needs a stream, and at most a track after it")
      }
      let track = words.count == 2 ? words[1].string : nil
      media.streams.append(.init(stream: words[0].string, track: track))
    case "ssrc":
      let (source, rest) = (value ?? []).trimmed.cut(at: UInt8(ascii: " "))
      let (attribute, text) = (rest ?? []).trimmed.cut(at: UInt8(ascii: ":"))
      guard let source = source.number(as: UInt32.self), attribute.isToken else {
        throw line.error("a=ssrc needs a 32-bit number and an attribute")
      }
      media.sourceAttributes.append(
        .init(source: source, name: attribute.string, value: text?.trimmed.string)
      )
    case "ssrc-group":
      let words = (value ?? []).words
      let sources = words.dropFirst().compactMap { $0.number(as: UInt32.self) }
      guard let semantics = words.first, !sources.isEmpty, sources.count == words.count - 1 else {
        throw line.error("a=ssrc-group needs a word and 32-bit numbers")
      }
      media.sourceGroups.append(.init(semantics: semantics.string, sources: sources))
    default:
      return false
    }
    return true
  }
}

extension MediaDescription.Bandwidth {
  init(_ line: SDPLine) throws(SDPError) {
    let (type, value) = line.value.cut(at: UInt8(ascii: ":"))
    guard type.isToken, let value = value?.trimmed.number(as: UInt64.self) else {
      throw line.error("b= is not of the form type:number")
    }
    self.init(type: type.string, value: value)
  }
}
