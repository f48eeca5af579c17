// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Why an ABORT or ERROR was sent (RFC 9260 section 3.3.10).
enum ErrorCause: UInt16, Sendable {
  case invalidStream = 1
  case missingParameter = 2
  case staleCookie = 3
  case outOfResource = 4
  case unresolvableAddress = 5
  case unrecognizedChunk = 6
  case invalidParameter = 7
  case unrecognizedParameters = 8
  case noUserData = 9
  case cookieWhileShuttingDown = 10
  case userInitiatedAbort = 12
  case protocolViolation = 13

  /// Bytes of an explanation that are told on.
  static let maximumText = 128

  /// The cause with its header.
  func bytes(_ information: [UInt8] = []) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(parameter: rawValue, information)
    return bytes
  }

  /// What the causes in an ABORT say, for people: the first one with words, or its name.
  static func describe(_ value: Span<UInt8>) -> String {
    var causes = ChunkReader(from: 0, limit: 8)
    guard let cause = causes.next(in: value) else { return "no cause" }
    let name =
      ErrorCause(rawValue: cause.parameterType).map { "\($0)" }
      ?? "cause \(cause.parameterType)"
    switch ErrorCause(rawValue: cause.parameterType) {
    case .userInitiatedAbort, .protocolViolation:
      var reader = ByteReader(value.extracting(cause.value))
      let text = reader.readBytes(min(cause.value.count, maximumText)) ?? []
      return text.isEmpty ? name : "\(name): \(String(decoding: text, as: UTF8.self))"
    default:
      return name
    }
  }
}
