// SPDX-License-Identifier: Apache-2.0
internal import Wire

extension ICEAgent {
  /// Whether `datagram` looks like one STUN message (RFC 7983 section 7, RFC 8489 section 5).
  public static func isSTUN(_ datagram: Span<UInt8>) -> Bool {
    STUNMessage.isPlausible(datagram)
  }

  /// The user name fragment that a Binding request asks for, where USERNAME is `ours:theirs`.
  ///
  /// Tells which session a datagram from an unknown address is for. Nothing is authentic yet: the
  /// session's agent decides. `nil` unless the datagram is a Binding request with a fragment of
  /// 4…256 allowed characters before a colon.
  public static func requestedUsernameFragment(_ datagram: Span<UInt8>) -> String? {
    guard isSTUN(datagram), datagram.count <= STUNMessage.maximumSize else { return nil }
    var reader = ByteReader(datagram)
    guard reader.readUInt16() == STUNMessage.binding, reader.skip(18) else { return nil }
    while let type = reader.readUInt16(), let length = reader.readUInt16(),
      let value = reader.readSpan(Int(length))
    {
      guard type == STUNAttribute.username.rawValue else {
        guard reader.skip(-Int(length) & 3) else { return nil }
        continue
      }
      var fragment: [UInt8] = []
      for index in value.indices {
        let byte = value[index]
        if byte == UInt8(ascii: ":") {
          return fragment.count >= 4 ? String(decoding: fragment, as: UTF8.self) : nil
        }
        guard fragment.count < 256, ICECredentials.isLetter(byte) else { return nil }
        fragment.append(byte)
      }
      return nil
    }
    return nil
  }
}
