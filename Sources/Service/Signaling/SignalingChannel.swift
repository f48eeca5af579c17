// SPDX-License-Identifier: Apache-2.0
public import EventLoop
internal import HTTP
internal import JSON
public import WebRTC

/// The line over which two peers exchange their descriptions and candidates: JSON over a WebSocket, as
/// the `/ws` of a Porthole speaks it.
///
///     let channel = try await SignalingChannel.connect(to: "ws://camera:8080/ws?token=…", on: loop)
///     let offer = try await connection.createOffer()
///     try await connection.setLocalDescription(offer)
///     await channel.send(offer)
///     for await message in channel.messages {
///       guard case .description(let answer) = message else { continue }
///       try await connection.setRemoteDescription(answer)
///     }
///
/// An actor on its loop, like `RTCPeerConnection`. A channel that is released without `close()` closes.
public actor SignalingChannel: EventLoopActor {
  /// Messages that wait for the reader; a peer that sends more ends the channel.
  private static let maximumWaiting = 256

  /// The loop that this channel lives on.
  public nonisolated let loop: EventLoop
  /// Every message of the other side, in order, for one reader; the last one is `.closed`.
  public nonisolated let messages: AsyncStream<SignalingMessage>

  private let continuation: AsyncStream<SignalingMessage>.Continuation
  private var socket: WebSocketChannel?

  private init(on loop: EventLoop) {
    self.loop = loop
    (messages, continuation) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingNewest(Self.maximumWaiting)
    )
  }

  deinit {
    continuation.finish()
    guard let socket else { return }
    loop.post { socket.close(.goingAway) }
  }

  /// Opens a channel to `address`, such as `ws://192.0.2.7:8080/ws?token=…`.
  ///
  /// A `token` in the query travels as `Authorization: Bearer`, where neither logs nor proxies keep it.
  /// - Parameters:
  ///   - address: Where the other side listens; `wss:` goes by TLS.
  ///   - loop: Where the channel lives.
  ///   - authorities: By `wss:`, the certificates of those who may have signed the server's, PEM; the
  ///     system's, if `nil`. A Porthole's own is its `/ca.crt`.
  /// - Returns: The open channel.
  /// - Throws: why there is no channel, within about thirty seconds.
  public static func connect(
    to address: String,
    on loop: EventLoop,
    authorities: [UInt8]? = nil
  ) async throws(SignalingError) -> SignalingChannel {
    var url: WebSocketURL
    do throws(WebSocketURL.Fault) {
      url = try WebSocketURL(parsing: address)
    } catch {
      throw .address(error)
    }
    var headers = HTTPHeaders()
    var clean = url
    // What cannot stand in a header field stays where it is.
    if let token = clean.takeParameter("token"), !token.isEmpty,
      token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    {
      url = clean
      headers.append("Authorization", "Bearer \(token)")
    }
    let channel = SignalingChannel(on: loop)
    try await channel.open(url, headers, authorities)
    return channel
  }

  private func open(
    _ url: WebSocketURL,
    _ headers: HTTPHeaders,
    _ authorities: [UInt8]?
  ) async throws(SignalingError) {
    let (socket, leftover) = try await WebSocketDial.open(
      url,
      headers: headers,
      authorities: authorities,
      on: loop
    )
    self.socket = socket
    socket.start(leftover) { socket in
      socket.onText = { [weak self] text in self?.assumeIsolated { $0.take(text) } }
      socket.onClose = { [weak self] code, reason in
        self?.assumeIsolated { $0.end(code.rawValue, reason) }
      }
    }
  }

  /// Sends an offer or an answer; `false` when the channel is closed or the other side does not read.
  @discardableResult
  public func send(_ description: RTCSessionDescription) -> Bool {
    send(.description(description))
  }

  /// Sends a candidate, `nil` after the last one.
  @discardableResult
  public func send(_ candidate: RTCIceCandidate?) -> Bool {
    send(.candidate(candidate))
  }

  /// Sends any message but `.closed`.
  @discardableResult
  public func send(_ message: SignalingMessage) -> Bool {
    guard let socket, let text = message.text else { return false }
    return socket.send(text)
  }

  /// Closes the channel after what waits; `.closed` follows within two seconds.
  public func close() {
    socket?.close(.normal)
  }

  private func take(_ text: String) {
    guard let object = try? JSONValue(parsing: text).object else {
      socket?.close(.unsupportedData, reason: "A message is not a JSON object.")
      return
    }
    for member in object.members {
      guard case .dropped = continuation.yield(SignalingMessage(member.name, member.value)) else {
        continue
      }
      socket?.close(.policyViolation, reason: "More messages came than were read.")
      return
    }
  }

  private func end(_ code: UInt16, _ reason: String) {
    continuation.yield(.closed(code: code, reason: reason))
    continuation.finish()
    socket = nil
  }
}
