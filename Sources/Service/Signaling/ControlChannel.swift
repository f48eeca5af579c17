// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop
internal import WebRTC

/// The data channel `control`: what can be set and started on the board, by JSON-RPC (docs/control.md).
struct ControlChannel: ChannelService {
  let controls: BoardControls
  /// Whether the token of those who are served so lets them change something.
  let mayControl: Bool
  private let places: ChannelPlaces

  init(_ controls: BoardControls, mayControl: Bool) {
    self.controls = controls
    self.mayControl = mayControl
    places = ChannelPlaces(on: controls.loop)
  }

  func serve(_ channel: RTCDataChannel, of visitor: UInt64) async {
    guard await places.enter(visitor) else { return await channel.close() }
    await ControlSession(channel, controls, mayControl: mayControl).serve()
    await places.leave(visitor)
  }
}

/// One visitor's channel `control`.
actor ControlSession: EventLoopActor {
  /// Messages that are worked on at the same time.
  private static let maximumCalls = 16
  /// Bytes that wait for one who does not read, above which the channel is closed.
  private static let maximumBuffered = 1 << 18

  nonisolated let loop: EventLoop
  private let channel: RTCDataChannel
  private let controls: BoardControls
  private let mayControl: Bool
  private var calls = 0

  init(_ channel: RTCDataChannel, _ controls: BoardControls, mayControl: Bool) {
    loop = channel.loop
    self.channel = channel
    self.controls = controls
    self.mayControl = mayControl
  }

  func serve() async {
    var member: BoardControls.MemberID?
    for await event in channel.events {
      switch event {
      case .open:
        member = await controls.join { [weak self] message in
          self?.assumeIsolated { $0.send(message) }
        }
      case .message(.text(let text)): take(Array(text.utf8))
      case .message(.binary(let bytes)): take(bytes)
      case .bufferedAmountLow, .error, .closing, .close: break
      }
    }
    if let member { await controls.leave(member) }
  }

  private func take(_ message: [UInt8]) {
    guard calls < Self.maximumCalls else { return send(BoardControls.busyAnswer) }
    calls += 1
    Task {
      if let answer = await controls.answer(message, mayControl: mayControl) { send(answer) }
      calls -= 1
    }
  }

  private func send(_ message: String) {
    channel.assumeIsolated { channel in
      guard channel.bufferedAmount <= Self.maximumBuffered else { return channel.close() }
      try? channel.send(message)
    }
  }
}
