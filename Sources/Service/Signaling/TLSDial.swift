// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import TLS
internal import Wire

/// The client's side of TLS: a connection becomes a stream to a server that has proved who it is.
///
/// For the loop's thread only.
enum TLSDial {
  /// Where systems keep the certificates of those whom they believe.
  private static let stores = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
  ]
  private static let maximumStore = 1 << 20

  /// Agrees with `host` on keys; reading is paused in the stream that is answered.
  static func open(
    over socket: TCPConnection,
    to host: HTTPAuthority.Host,
    _ authorities: [UInt8]?
  ) async throws(SignalingError) -> TLSStream {
    let loop = socket.loop
    // Some hundred certificates, which are let go when the handshake is over.
    let read = await loop.offload { TLSAuthorities(authorities ?? store()) }
    guard let believed = read else {
      socket.close()
      throw .insecure(
        authorities == nil
          ? "this machine keeps no certificates of those whom it believes: name a file by --ca"
          : "there is no certificate in the file of --ca"
      )
    }
    let name: TLSServerName =
      switch host {
      case .address(let address): .address(address)
      case .name(let name): .name(name)
      }
    let session = TLSSession(
      client: name,
      authorities: believed,
      date: loop.wallClock.unixNanoseconds / 1_000_000_000,
      at: loop.now
    )
    let stream = TLSStream(socket, session, turns: HandshakeTurns())
    guard let failure = await failure(of: stream) else { return stream }
    stream.close()
    if failure == .untrusted(.unknownAuthority) { throw .unknownAuthority }
    throw .insecure(failure.description)
  }

  /// Why the handshake fails; `nil` when it does not.
  private static func failure(of stream: TLSStream) async -> TLSFailure? {
    await withCheckedContinuation { (continuation: CheckedContinuation<TLSFailure?, Never>) in
      var waiting: CheckedContinuation<TLSFailure?, Never>? = continuation
      func end(_ failure: TLSFailure?) {
        waiting?.resume(returning: failure)
        waiting = nil
      }
      stream.onConnect = {
        stream.pauseReading(true)
        stream.onFailure = nil
        stream.onClose = nil
        end(nil)
      }
      stream.onFailure = { end($0) }
      stream.onClose = { _ in end(.closed) }
      stream.start()
    }
  }

  private static func store() -> [UInt8] {
    for path in stores {
      if let bytes = try? LocalFile.read(path, limit: maximumStore) { return bytes }
    }
    return []
  }
}
