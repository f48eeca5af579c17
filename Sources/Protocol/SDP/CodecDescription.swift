// SPDX-License-Identifier: Apache-2.0

/// The parameters of a format, in the order written: the part of `a=fmtp` after the payload type.
public struct FormatParameters: Hashable, Sendable, CustomStringConvertible {
  /// One parameter.
  public struct Parameter: Hashable, Sendable {
    /// The name, or the whole text where there is no `=` (such as `0-15` of telephone-event).
    public var name: String
    /// What follows `=`; `nil` without one.
    public var value: String?

    /// Creates the parameter `name` with `value`.
    public init(_ name: String, _ value: String?) {
      self.name = name
      self.value = value
    }
  }

  /// The parameters, in order.
  public var list: [Parameter]

  /// Creates a list of parameters.
  public init(_ list: [Parameter] = []) {
    self.list = list
  }

  /// Reads `name=value;name=value`; empty pieces are passed over.
  public init(parsing text: some StringProtocol) {
    self.init(text: Array(text.utf8)[...])
  }

  init(text: SDPText) {
    list = text.split(separator: UInt8(ascii: ";")).compactMap { piece in
      let (name, value) = piece.trimmed.cut(at: UInt8(ascii: "="))
      guard !name.trimmed.isEmpty else { return nil }
      return Parameter(name.trimmed.string, value?.trimmed.string)
    }
  }

  /// The value of the first parameter called `name`, in any case; setting `nil` removes it.
  public subscript(name: String) -> String? {
    get {
      list.first { $0.name.lowercased() == name.lowercased() }?.value
    }
    set {
      let index = list.firstIndex { $0.name.lowercased() == name.lowercased() }
      switch (index, newValue) {
      case (let index?, let value?): list[index].value = value
      case (let index?, nil): list.remove(at: index)
      case (nil, let value?): list.append(Parameter(name, value))
      case (nil, nil): break
      }
    }
  }

  /// Whether there are none.
  public var isEmpty: Bool { list.isEmpty }

  /// `name=value;name=value`.
  public var description: String {
    list.map { parameter in
      parameter.value.map { "\(parameter.name)=\($0)" } ?? parameter.name
    }.joined(separator: ";")
  }
}

/// One RTP payload type of an m-section: `a=rtpmap`, `a=fmtp` and `a=rtcp-fb` together
/// (RFC 8866 sections 6.6 and 6.15, RFC 4585 section 4.2).
public struct CodecDescription: Hashable, Sendable {
  /// The payload type, at most 127.
  public var payloadType: UInt8
  /// The encoding's name as written, such as `H264`; compare with `isNamed(_:)`.
  public var name: String
  /// Ticks of the RTP clock per second.
  public var clockRate: UInt32
  /// Channels, where they are written.
  public var channels: UInt8?
  /// The parameters of `a=fmtp`.
  public var parameters: FormatParameters
  /// Values of `a=rtcp-fb`, such as `nack pli`; those for all formats (`*`) are among them.
  public var feedback: [String]

  /// Creates a codec.
  public init(
    payloadType: UInt8,
    name: String,
    clockRate: UInt32,
    channels: UInt8? = nil,
    parameters: FormatParameters = FormatParameters(),
    feedback: [String] = []
  ) {
    self.payloadType = payloadType
    self.name = name
    self.clockRate = clockRate
    self.channels = channels
    self.parameters = parameters
    self.feedback = feedback
  }

  /// Whether the encoding's name is `other`, in any case (RFC 4855 section 3).
  public func isNamed(_ other: String) -> Bool {
    name.lowercased() == other.lowercased()
  }

  /// The payload type that an `rtx`'s `apt` names (RFC 4588 section 8.1).
  public var associatedPayloadType: UInt8? {
    guard isNamed("rtx"), let text = parameters["apt"] else { return nil }
    guard let number = Array(text.utf8)[...].number(as: UInt8.self), number <= 127 else {
      return nil
    }
    return number
  }

  /// The payload type of which a `red` carries copies, where all its parts are of one (RFC 2198 section 5).
  public var redundantPayloadType: UInt8? {
    guard isNamed("red"), parameters.list.count == 1, parameters.list[0].value == nil else {
      return nil
    }
    let parts = Array(parameters.list[0].name.utf8)[...].split(separator: UInt8(ascii: "/"))
    let numbers = parts.map { $0.number(as: UInt8.self) }
    guard numbers.count > 1, let first = numbers[0], first <= 127,
      numbers.allSatisfy({ $0 == first })
    else { return nil }
    return first
  }

  /// The profile and level of an H.264 codec; what RFC 6184 section 8.1 infers when unsaid, `nil`
  /// for other codecs and unreadable values.
  public var h264Profile: H264Profile? {
    guard isNamed("H264") else { return nil }
    guard let text = parameters["profile-level-id"] else { return .inferred }
    return H264Profile(text)
  }

  /// An H.264 codec's `packetization-mode`: 0 when unsaid, `nil` for unreadable values.
  public var packetizationMode: UInt8? {
    guard let text = parameters["packetization-mode"] else { return 0 }
    return Array(text.utf8)[...].number(as: UInt8.self)
  }

  /// Whether an H.264 codec lets each side send its own level (`level-asymmetry-allowed=1`).
  public var isLevelAsymmetryAllowed: Bool {
    parameters["level-asymmetry-allowed"] == "1"
  }

  /// What `a=rtpmap` says after the payload type.
  var encoding: String {
    "\(name)/\(clockRate)" + (channels.map { "/\($0)" } ?? "")
  }

  /// Takes name, rate and channels from the part of `a=rtpmap` after the payload type.
  mutating func take(encoding text: SDPText, _ line: SDPLine) throws(SDPError) {
    let (name, rest) = text.cut(at: UInt8(ascii: "/"))
    let (rate, channels) = (rest ?? []).cut(at: UInt8(ascii: "/"))
    guard name.isToken, let rate = rate.number(as: UInt32.self), rate > 0 else {
      throw line.error("a=rtpmap is not of the form name/rate")
    }
    self.channels = nil
    if let channels {
      guard let count = channels.number(as: UInt8.self), count > 0 else {
        throw line.error("a=rtpmap has no number of channels from 1 to 255")
      }
      self.channels = count
    }
    self.name = name.string
    clockRate = rate
  }

  /// The codec that RFC 3551 section 6 fixes for `payloadType`, for those that browsers list.
  static func fixed(_ payloadType: UInt8) -> CodecDescription? {
    switch payloadType {
    case 0: CodecDescription(payloadType: 0, name: "PCMU", clockRate: 8_000)
    case 8: CodecDescription(payloadType: 8, name: "PCMA", clockRate: 8_000)
    case 9: CodecDescription(payloadType: 9, name: "G722", clockRate: 8_000)
    case 13: CodecDescription(payloadType: 13, name: "CN", clockRate: 8_000)
    default: nil
    }
  }
}
