// SPDX-License-Identifier: Apache-2.0

/// What has come of frames and messages that are not whole yet.
struct WebSocketInput: Sendable {
  /// A frame whose head is read.
  struct Payload: Sendable {
    var frame: WebSocketFrame
    /// How many bytes are still to come.
    var missing: Int
    /// The frame's key, turned so that the next byte's is on top.
    var key: UInt32

    init(_ frame: WebSocketFrame) {
      self.frame = frame
      missing = frame.length
      key = frame.key
    }
  }

  /// The kind of the message that is being received, between its first and its last frame.
  enum Message: Sendable {
    case text(UTF8Validator)
    case binary
  }

  /// Bytes of a head that is not whole.
  var head: [UInt8] = []
  var payload: Payload?
  var message: Message?
  /// What has come of the message.
  var content: [UInt8] = []
  /// What has come of a control frame.
  var control: [UInt8] = []

  /// Whether something has begun that has not ended.
  var isPartial: Bool { !head.isEmpty || payload != nil || message != nil }
}
