// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Puts the fragments of a ClientHello together, before mbedTLS sees it.
///
/// Browsers send a ClientHello of more than one datagram, which mbedTLS before 3.6.6 refuses as a
/// server. The transcript is defined over whole messages, so handing it on in one piece is valid.
/// Fragments may come in any order, overlap, repeat, and be cut differently in a retransmission.
struct ClientHelloDefragmenter {
  /// The longest ClientHello that is accepted, in bytes.
  static let limit = 8192

  private var length = 0
  private var number: UInt16 = 0
  private var bytes: [UInt8] = []
  private var isPresent: [Bool] = []
  private var missing = 0

  /// Adds a fragment; answers the whole message, header included, once nothing is missing.
  ///
  /// A fragment of another message (number or length) begins anew: the peer has.
  mutating func add(_ header: DTLSHandshakeHeader, _ fragment: Span<UInt8>) -> [UInt8]? {
    guard header.length > 0, header.length <= Self.limit,
      fragment.count == header.fragmentLength,
      header.offset + header.fragmentLength <= header.length
    else { return nil }
    if header.length != length || header.number != number { begin(header) }
    for index in fragment.indices {
      let position = header.offset + index
      if !isPresent[position] {
        isPresent[position] = true
        missing -= 1
      }
      bytes[position] = fragment[index]
    }
    guard missing == 0 else { return nil }
    let message = whole()
    reset()
    return message
  }

  private mutating func begin(_ header: DTLSHandshakeHeader) {
    length = header.length
    number = header.number
    bytes = [UInt8](repeating: 0, count: length)
    isPresent = [Bool](repeating: false, count: length)
    missing = length
  }

  private mutating func reset() {
    length = 0
    bytes = []
    isPresent = []
    missing = 0
  }

  private func whole() -> [UInt8] {
    let size = UInt32(length)
    var message: [UInt8] = [DTLSHandshakeHeader.clientHello]
    message.reserveCapacity(DTLSHandshakeHeader.size + length)
    func append24(_ value: UInt32) {
      message.append(UInt8(truncatingIfNeeded: value >> 16))
      message.append(bigEndian: UInt16(truncatingIfNeeded: value))
    }
    append24(size)
    message.append(bigEndian: number)
    append24(0)
    append24(size)
    message += bytes
    return message
  }
}
