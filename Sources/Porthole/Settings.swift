// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import Capture
internal import HTTP
internal import MediaTypes
internal import Wire

/// Everything that the program can be told, with its defaults.
struct Settings: Equatable, Sendable {
  var listen = ListenAddress(host: "::", port: 8080)
  var udpPort: UInt16 = 0
  var camera: CameraSelection?
  var size = PictureSize(width: 1280, height: 720)
  var rate = FrameRate(30)
  var bitrate = Bitrate(bitsPerSecond: 2_000_000)
  var encoder = EncoderChoice.automatic
  var preset = "ultrafast"
  var threads = 1
  var microphone = SoundSelection.none
  /// Channels of the microphone.
  var microphoneChannels = 1
  /// Milliseconds of a packet of the microphone's sound.
  var packetTime = 20
  var speaker = SoundSelection.none
  /// How many are heard through the speaker at a time.
  var talkers = 1
  /// What is done to the microphone's sound.
  var cleaning = SoundCleaning(echo: .cancel)
  var interfaces: [String] = []
  var token = TokenChoice.stored
  var controlToken = TokenChoice.stored
  /// Whether there is anything that a control token opens.
  var offersControl = false
  var allowedOrigins: [HTTPOrigin] = []
  var tls = TLSChoice.automatic
  /// The file with the authorities that a caller believes; the system's when `nil`.
  var authorities: String?
  var stateDirectory: String?
  /// The file that `--config` names, or the word none.
  var configurationPath: String?
  var logLevel = LogLevel.info
  /// Sensors, outputs and actions.
  var board = BoardConfiguration()
  /// The Unix socket for pushed values, and the group that may use it.
  var socket: String?
  var socketGroup: String?
}

/// A host, as text, and a port.
struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  var host: String
  var port: UInt16

  /// Where to listen; `localhost` is this machine's IPv4 loopback.
  var address: SocketAddress {
    SocketAddress(IPAddress(host) ?? .v4(0x7F00_0001), port: port)
  }

  var description: String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

/// Which encoder to use.
enum EncoderChoice: String, Sendable {
  case automatic = "auto"
  case x264
}

/// Where an access token comes from.
enum TokenChoice: Hashable, Sendable {
  /// Made at the first start and kept in the state directory.
  case stored
  /// Given by flag or file.
  case given(String)
  /// Nobody is asked for one.
  case open
}

/// How much the program says.
enum LogLevel: String, Sendable, CaseIterable, Comparable {
  case debug
  case info
  case warning
  case error

  static func < (lhs: LogLevel, rhs: LogLevel) -> Bool {
    (allCases.firstIndex(of: lhs) ?? 0) < (allCases.firstIndex(of: rhs) ?? 0)
  }
}
