// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import Wire

extension HTTPServerConnection {
  /// Answers `request`, and hands the socket to a channel if that is what the answer says.
  func open(_ acceptance: WebSocketAcceptance, for request: HTTPRequest) {
    guard !isClosed else { return }
    guard case .accepted(let subprotocols, let limits, let open) = acceptance else {
      if case .refused(let response) = acceptance { finish(response) }
      return
    }
    switch WebSocketHandshake.answer(to: request, subprotocols: subprotocols) {
    case .refused(let response):
      finish(response)
    case .accepted(let response, let subprotocol):
      guard let leftover = core.upgrade(response, at: loop.now) else { return close() }
      counters.count(status: response.status)
      let channel = WebSocketChannel(
        stream,
        on: loop,
        after: core,
        request: request,
        subprotocol: subprotocol,
        limits: limits,
        onEnd: { [weak self] in self?.close() }
      )
      self.channel = channel
      rearm()
      channel.start(leftover, open)
    }
  }
}
