// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What a RE-CONFIG chunk asks or answers (RFC 6525 section 4).
enum ReconfigurationParameter: Hashable, Sendable {
  /// The sender's streams begin anew behind `lastTSN`; no streams named are all of them.
  case outgoingReset(
    ReconfigurationNumber,
    response: ReconfigurationNumber,
    lastTSN: TSN,
    streams: [UInt16]
  )
  /// The receiver of the chunk is asked to reset its streams.
  case incomingReset(ReconfigurationNumber, streams: [UInt16])
  case response(ReconfigurationNumber, ReconfigurationResult)
  /// A request for what is not done here: all TSNs anew, more streams.
  case other(ReconfigurationNumber)

  /// Streams named in one request, so that it fits into a packet.
  static let maximumStreams = 500

  /// Reads one parameter; `nil` when it is cut short or of no known kind.
  static func parse(_ raw: RawChunk, of bytes: Span<UInt8>) -> ReconfigurationParameter? {
    var reader = ByteReader(bytes.extracting(raw.value))
    guard let first = reader.readUInt32() else { return nil }
    let number = ReconfigurationNumber(rawValue: first)
    switch raw.parameterType {
    case 13:
      guard let response = reader.readUInt32(), let last = reader.readUInt32(),
        let streams = readStreams(&reader)
      else { return nil }
      return .outgoingReset(
        number,
        response: ReconfigurationNumber(rawValue: response),
        lastTSN: TSN(rawValue: last),
        streams: streams
      )
    case 14:
      return readStreams(&reader).map { .incomingReset(number, streams: $0) }
    case 15, 17, 18:
      return .other(number)
    case 16:
      guard let value = reader.readUInt32() else { return nil }
      return ReconfigurationResult(rawValue: value).map { .response(number, $0) }
    default:
      return nil
    }
  }

  private static func readStreams(_ reader: inout ByteReader) -> [UInt16]? {
    var streams: [UInt16] = []
    while let stream = reader.readUInt16() { streams.append(stream) }
    return reader.isAtEnd ? streams : nil
  }

  /// The parameter with its header.
  var bytes: [UInt8] {
    var value: [UInt8] = []
    var bytes: [UInt8] = []
    switch self {
    case .outgoingReset(let number, let response, let lastTSN, let streams):
      value.append(bigEndian: number.rawValue)
      value.append(bigEndian: response.rawValue)
      value.append(bigEndian: lastTSN.rawValue)
      for stream in streams { value.append(bigEndian: stream) }
      bytes.append(parameter: 13, value)
    case .incomingReset(let number, let streams):
      value.append(bigEndian: number.rawValue)
      for stream in streams { value.append(bigEndian: stream) }
      bytes.append(parameter: 14, value)
    case .response(let number, let result):
      value.append(bigEndian: number.rawValue)
      value.append(bigEndian: result.rawValue)
      bytes.append(parameter: 16, value)
    case .other(let number):
      value.append(bigEndian: number.rawValue)
      value.append(bigEndian: UInt32(1 << 16))
      bytes.append(parameter: 17, value)
    }
    return bytes
  }
}

/// The answers to a request (RFC 6525 section 4.4).
enum ReconfigurationResult: UInt32, Hashable, Sendable {
  case nothingToDo = 0
  case performed = 1
  case denied = 2
  case wrongStream = 3
  case requestInProgress = 4
  case badNumber = 5
  case inProgress = 6
}
