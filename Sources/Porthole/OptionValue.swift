// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import HTTP
internal import MediaTypes
internal import Wire

/// Readers of option values; each fault says what would be right.
enum OptionValue {
  static func number(
    _ text: String,
    in range: ClosedRange<Int>
  ) throws(ValueFault) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw ValueFault(
        "takes a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\""
      )
    }
    return value
  }

  /// An origin as browsers write it: without the port that its scheme has anyway.
  static func origin(_ text: String) throws(ValueFault) -> HTTPOrigin {
    guard let origin = HTTPOrigin(text), case .page(let scheme, var authority) = origin,
      scheme == "http" || scheme == "https"
    else {
      throw ValueFault(
        "takes a scheme and a host, such as https://example.org or "
          + "http://10.0.0.5:8000, not \"\(text)\""
      )
    }
    if authority.port == (scheme == "https" ? 443 : 80) { authority.port = nil }
    return .page(scheme: scheme, authority: authority)
  }

  static func listen(_ text: String) throws(ValueFault) -> ListenAddress {
    let wrong = ValueFault(
      "takes HOST:PORT, such as 0.0.0.0:8080, [::1]:8080 or :8080, not \"\(text)\""
    )
    let bytes = Array(text.utf8)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
      let port = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self))
    else { throw wrong }
    var host = bytes[..<colon]
    if host.first == UInt8(ascii: "[") {
      guard host.last == UInt8(ascii: "]"), host.count > 2 else { throw wrong }
      host = host.dropFirst().dropLast()
    } else if host.contains(UInt8(ascii: ":")) {
      throw wrong
    }
    let name = host.isEmpty ? "::" : String(decoding: host, as: UTF8.self)
    guard name == "localhost" || IPAddress(name) != nil else { throw wrong }
    return ListenAddress(host: name, port: port)
  }

  static func size(_ text: String) throws(ValueFault) -> PictureSize {
    let parts = text.utf8.split(separator: UInt8(ascii: "x"), omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int(String(decoding: Array($0), as: UTF8.self)) }
    guard parts.count == 2, numbers.count == 2,
      numbers.allSatisfy({ (16...8192).contains($0) && $0 % 2 == 0 })
    else {
      throw ValueFault(
        "takes WIDTHxHEIGHT in even numbers from 16 to 8192, such as 1280x720, "
          + "not \"\(text)\""
      )
    }
    return PictureSize(width: numbers[0], height: numbers[1])
  }

  static func bitrate(_ text: String) throws(ValueFault) -> Bitrate {
    let wrong = ValueFault(
      "takes bits per second from 50k to 100M, such as 800k or 2.5M, not \"\(text)\""
    )
    var digits = text
    var scale = 1.0
    switch text.last {
    case "k", "K":
      scale = 1000
      digits.removeLast()
    case "m", "M":
      scale = 1_000_000
      digits.removeLast()
    default:
      break
    }
    guard let value = Double(digits), (50_000...100_000_000).contains(value * scale) else {
      throw wrong
    }
    return Bitrate(bitsPerSecond: Int(value * scale))
  }

  static func camera(_ text: String) throws(ValueFault) -> CameraSelection {
    do {
      return try CameraSelection(text)
    } catch {
      if case .notInThisBuild = error {
        throw ValueFault(
          "takes no libcamera: in this build; run the program under libcamerify and use /dev/videoN"
        )
      }
      throw ValueFault(
        "takes test, none, /dev/videoN, or file:PATH with a .y4m or .h264 file, not \"\(text)\""
      )
    }
  }

  static func sound(_ text: String) throws(ValueFault) -> SoundSelection {
    guard let selection = SoundSelection(text) else {
      throw ValueFault(
        "takes none, test, or the name of an ALSA device such as default, not \"\(text)\""
      )
    }
    return selection
  }

  /// The case of which `text` is the word.
  static func word<Value: RawRepresentable<String> & CaseIterable>(
    _ text: String
  ) throws(ValueFault) -> Value {
    guard let value = Value(rawValue: text) else {
      let words = Value.allCases.map(\.rawValue).joined(separator: " or ")
      throw ValueFault("takes \(words), not \"\(text)\"")
    }
    return value
  }

  /// `on` or `off`.
  static func toggle(_ text: String) throws(ValueFault) -> Bool {
    guard text == "on" || text == "off" else {
      throw ValueFault("takes on or off, not \"\(text)\"")
    }
    return text == "on"
  }

  static func token(_ text: String) throws(ValueFault) -> TokenChoice {
    if text == "none" { return .open }
    let allowed = text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
    guard (8...128).contains(text.utf8.count), allowed else {
      throw ValueFault(
        "takes 8 to 128 letters, digits, - or _, or the word none; "
          + "leave it out and Porthole makes one"
      )
    }
    return .given(text)
  }
}
