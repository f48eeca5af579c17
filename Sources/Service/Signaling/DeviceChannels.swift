// SPDX-License-Identifier: Apache-2.0
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

  /// Creates the table of the program.
  init(on loop: EventLoop) {
    services["echo"] = EchoChannel()
    services["messages"] = MessageBoard(on: loop)
  }

  /// Serves a channel until it ends.
  func serve(_ channel: RTCDataChannel, of visitor: UInt64) async {
    guard let service = services[channel.label] else { return await channel.close() }
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
