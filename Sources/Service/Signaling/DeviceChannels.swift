// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop
internal import WebRTC

/// What the device does with the data channels of one label.
protocol ChannelService: Sendable {
  /// Serves a channel of a visitor until it ends.
  func serve(_ channel: RTCDataChannel, of visitor: UInt64) async
}

/// The data channels that the device takes, by their label; others are closed.
struct DeviceChannels: Sendable {
  private var services: [String: any ChannelService] = [:]
  /// What those are served with instead who may control.
  private var controllers: [String: any ChannelService] = [:]

  /// Creates the table of the program.
  init(on loop: EventLoop, sensors: BoardSensors?, controls: BoardControls?) {
    services["echo"] = EchoChannel()
    services["messages"] = MessageBoard(on: loop)
    services["telemetry"] = sensors.map { TelemetryChannel($0) }
    services["control"] = controls.map { ControlChannel($0, mayControl: false) }
    controllers["control"] = controls.map { ControlChannel($0, mayControl: true) }
  }

  /// Serves a channel of a visitor, who may do as much as `level` says, until it ends.
  func serve(_ channel: RTCDataChannel, of visitor: UInt64, level: AccessLevel) async {
    let controller = level == .control ? controllers[channel.label] : nil
    guard let service = controller ?? services[channel.label] else {
      return await channel.close()
    }
    await service.serve(channel, of: visitor)
  }
}

/// Sends back what comes, as it comes.
struct EchoChannel: ChannelService {
  /// Bytes on their way back, above which nothing more is read.
  private static let maximumBuffered = 1 << 18

  func serve(_ channel: RTCDataChannel, of visitor: UInt64) async {
    for await event in channel.events {
      guard case .message(let message) = event else { continue }
      await channel.drain(to: Self.maximumBuffered)
      do {
        try await channel.send(message)
      } catch {
        // It has ended meanwhile, or takes less than it sends.
        await channel.close()
      }
    }
  }
}
