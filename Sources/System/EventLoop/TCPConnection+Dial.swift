// SPDX-License-Identifier: Apache-2.0
internal import Wire

extension TCPConnection {
  /// Connects to `port` of `host`: an IP address or a name that this machine knows (``HostTable``).
  ///
  /// Loop thread only.
  ///
  /// The addresses of a name are tried one after another. Reading is paused in the connection that
  /// is answered, so that nothing is lost before its closures are set.
  /// - Parameters:
  ///   - loop: Where the connection lives.
  ///   - host: An address without brackets, or a name.
  ///   - port: The port.
  ///   - patience: How long all attempts together may take.
  /// - Returns: The connection, its reading paused.
  /// - Throws: Why the last address could not be reached.
  public static func dial(
    on loop: EventLoop,
    host: String,
    port: UInt16,
    within patience: Duration = .seconds(10)
  ) async throws(ConnectError) -> TCPConnection {
    loop.requireLoop()
    let end = loop.now + patience
    var error = ConnectError.unknownHost(host)
    let addresses = try await Self.addresses(of: host, on: loop)
    for (index, address) in addresses.enumerated() {
      let now = loop.now
      // What is left is shared, so that one silent address leaves time for the others.
      let share = (end - now) / (addresses.count - index)
      let attempt = await dial(SocketAddress(address, port: port), on: loop, until: now + share)
      switch attempt {
      case .success(let connection): return connection
      case .failure(let failure): error = failure
      }
    }
    throw error
  }

  private static func addresses(
    of host: String,
    on loop: EventLoop
  ) async throws(ConnectError) -> [IPAddress] {
    if let address = IPAddress(host) { return [address] }
    let found = await loop.offload {
      Result { () throws(ConnectError) in try HostTable.current().addresses(of: host) }
    }
    return try found.get()
  }

  private static func dial(
    _ address: SocketAddress,
    on loop: EventLoop,
    until deadline: Timestamp
  ) async -> Result<TCPConnection, ConnectError> {
    await withCheckedContinuation { continuation in
      let connection: TCPConnection
      do throws(EventLoopError) {
        connection = try connect(on: loop, to: address)
      } catch {
        var code: Int32 = 0
        if case .system(_, let number) = error { code = number }
        return continuation.resume(returning: .failure(.init(code, connectingTo: address)))
      }
      var failure = ConnectError.timedOut(address)
      let timer = loop.schedule(at: deadline) { connection.close() }
      connection.onClose = { reason in
        loop.cancel(timer)
        if case .failed(let code) = reason { failure = .init(code, connectingTo: address) }
        continuation.resume(returning: .failure(failure))
      }
      connection.onConnect = {
        loop.cancel(timer)
        connection.onClose = nil
        connection.pauseReading(true)
        continuation.resume(returning: .success(connection))
      }
    }
  }
}
