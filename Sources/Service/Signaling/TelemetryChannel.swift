// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import WebRTC

/// The data channel `telemetry`: the board's sensors for whoever may watch (docs/telemetry.md).
struct TelemetryChannel: ChannelService {
  /// Bytes that wait for one who does not read, above which that one misses messages.
  private static let maximumBuffered = 1 << 16

  let sensors: BoardSensors
  private let places: ChannelPlaces

  init(_ sensors: BoardSensors) {
    self.sensors = sensors
    places = ChannelPlaces(on: sensors.loop)
  }

  func serve(_ channel: RTCDataChannel, of visitor: UInt64) async {
    guard await places.enter(visitor) else { return await channel.close() }
    var watcher: BoardSensors.WatcherID?
    for await event in channel.events {
      switch event {
      case .open:
        watcher = await sensors.watch { [weak channel] message in
          channel?.assumeIsolated { channel in
            guard channel.bufferedAmount <= Self.maximumBuffered else { return }
            try? channel.send(message)
          }
        }
      case .message(.text(let text)):
        if let watcher { await sensors.receive(text, from: watcher) }
      case .message(.binary), .bufferedAmountLow, .error, .closing, .close: break
      }
    }
    if let watcher { await sensors.leave(watcher) }
    await places.leave(visitor)
  }
}
