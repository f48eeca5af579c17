// SPDX-License-Identifier: Apache-2.0
private import CSRTP

/// One libsrtp2 session, owned: freed when this value ends.
@safe struct SRTPContext: ~Copyable {
  /// Why libsrtp2 refused a packet.
  enum Refusal: Error {
    case refused
    case replayed
  }

  private let session: OpaquePointer

  /// A session that protects under `material`.
  init(protectingWith material: SRTPKeyingMaterial) throws(SRTPError) {
    guard let session = unsafe csrtp_sender_create(try material.bytes()) else {
      throw .outOfMemory
    }
    unsafe self.session = session
  }

  /// A session that unprotects under `material` and remembers `window` packets of each source.
  init(unprotectingWith material: SRTPKeyingMaterial, window: Int32) throws(SRTPError) {
    guard let session = unsafe csrtp_receiver_create(try material.bytes(), window) else {
      throw .outOfMemory
    }
    unsafe self.session = session
  }

  deinit {
    unsafe csrtp_destroy(session)
  }

  /// Protects in place; the caller has seen to the free bytes behind the packet.
  mutating func protect(_ packet: inout OutputSpan<UInt8>, isControl: Bool) -> Bool {
    unsafe packet.withUnsafeMutableBufferPointer { buffer, count in
      let length = Int32(truncatingIfNeeded: count)
      let protected =
        isControl
        ? unsafe csrtp_protect_control(session, buffer.baseAddress, length)
        : unsafe csrtp_protect(session, buffer.baseAddress, length)
      guard protected >= 0 else { return false }
      count = Int(protected)
      return true
    }
  }

  /// Unprotects in place and shortens `packet`.
  mutating func unprotect(
    _ packet: inout [UInt8],
    isControl: Bool
  ) throws(Refusal) {
    let length = Int32(truncatingIfNeeded: packet.count)
    let unprotected = unsafe packet.withUnsafeMutableBufferPointer { buffer in
      isControl
        ? unsafe csrtp_unprotect_control(session, buffer.baseAddress, length)
        : unsafe csrtp_unprotect(session, buffer.baseAddress, length)
    }
    guard unprotected >= 0 else {
      throw unprotected == CSRTP_REPLAYED ? .replayed : .refused
    }
    packet.removeLast(packet.count - Int(unprotected))
  }
}
