// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import Wire

/// Opens a WebSocket to a server: joins a socket and the client's handshake.
///
/// For the loop's thread only.
final class WebSocketDial {
  private let loop: EventLoop
  private let socket: any ByteStream
  private var handshake: WebSocketClientHandshake
  private var timer: TimerID?
  private var continuation: CheckedContinuation<WebSocketClientHandshake.Event, Never>?

  private init(_ handshake: WebSocketClientHandshake, over socket: any ByteStream) {
    self.handshake = handshake
    self.socket = socket
    loop = socket.loop
  }

  /// Dials `url` and answers the open channel, not yet started, with what the server sent first.
  ///
  /// By TLS, `authorities` must have signed the server's certificate; the system's, if that is `nil`.
  static func open(
    _ url: WebSocketURL,
    headers: HTTPHeaders,
    authorities: [UInt8]?,
    on loop: EventLoop
  ) async throws(SignalingError) -> (channel: WebSocketChannel, leftover: [UInt8]) {
    let host =
      switch url.authority.host {
      case .address(let address): "\(address)"
      case .name(let name): name
      }
    let connection: TCPConnection
    do throws(ConnectError) {
      connection = try await TCPConnection.dial(on: loop, host: host, port: url.port)
    } catch {
      throw .unreachable(error)
    }
    let socket: any ByteStream =
      url.isSecure
      ? try await TLSDial.open(over: connection, to: url.authority.host, authorities) : connection
    var random = RandomSource.system
    let handshake = WebSocketClientHandshake(
      authority: url.authority,
      target: url.target,
      headers: headers,
      random: &random,
      at: loop.now
    )
    switch await WebSocketDial(handshake, over: socket).outcome() {
    case .open(let subprotocol, let leftover):
      let request = HTTPRequest(method: "GET", target: url.target, path: url.path)
      return (WebSocketChannel(socket, request: request, subprotocol: subprotocol), leftover)
    case .refused(let status):
      socket.close()
      throw .refused(status: status)
    case .failed(let reason):
      socket.close()
      throw .notWebSocket(reason)
    }
  }

  private func outcome() async -> WebSocketClientHandshake.Event {
    await withCheckedContinuation { continuation in
      self.continuation = continuation
      socket.onReceive = { bytes in
        self.handshake.receive(bytes, at: self.loop.now)
        self.settle()
      }
      socket.onEnd = { self.lose() }
      socket.onClose = { _ in self.lose() }
      socket.fill = { slot in self.handshake.nextTransmit(into: &slot) }
      if let deadline = handshake.deadline {
        timer = loop.schedule(at: deadline) {
          self.handshake.advance(to: self.loop.now)
          self.settle()
        }
      }
      if socket.isClosed { return lose() }
      socket.pauseReading(false)
      socket.flush()
    }
  }

  private func lose() {
    handshake.peerClosed()
    settle()
  }

  /// Once it is over: lets go of the socket, which is not read from before its next owner wants it.
  private func settle() {
    guard let event = handshake.nextEvent(), let continuation else { return }
    self.continuation = nil
    if let timer { loop.cancel(timer) }
    socket.pauseReading(true)
    socket.onReceive = nil
    socket.onEnd = nil
    socket.onClose = nil
    socket.fill = nil
    continuation.resume(returning: event)
  }
}
