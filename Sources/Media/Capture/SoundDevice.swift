// SPDX-License-Identifier: Apache-2.0
private import CALSA

/// One direction of a sound card's device, as its driver describes it.
public struct SoundDevice: Hashable, Sendable {
  /// The name by which ALSA opens it, converting where it must: the same after every start, as long as the
  /// card is called the same.
  public var name: String
  /// What the driver calls the card, and its device.
  public var label: String
  /// The card's short name, which all its devices share.
  public var card: String
  /// Whether it captures or plays.
  public var direction: SoundDirection
  /// Frames a second that the hardware can do; `nil` while another program has it.
  public var rates: ClosedRange<Int>?
  /// Channels that the hardware can do; `nil` while another program has it.
  public var channelCounts: ClosedRange<Int>?

  /// Creates a description from its parts.
  public init(
    card: String,
    number: Int,
    label: String,
    direction: SoundDirection,
    rates: ClosedRange<Int>? = nil,
    channelCounts: ClosedRange<Int>? = nil
  ) {
    name = "plughw:CARD=\(card),DEV=\(number)"
    self.label = label
    self.card = card
    self.direction = direction
    self.rates = rates
    self.channelCounts = channelCounts
  }

  /// The devices of all cards, card by card; none where alsa-lib is not installed.
  public static func all() -> [SoundDevice] {
    var found = [calsa_device](repeating: calsa_device(), count: 64)
    let count = unsafe calsa_list(&found, Int32(found.count))
    return found.prefix(Int(max(0, count))).map { SoundDevice($0) }
  }

  private init(_ found: calsa_device) {
    let cardName = Self.text(of: found.card_name)
    let name = Self.text(of: found.name)
    self.init(
      card: Self.text(of: found.card),
      number: Int(found.number),
      label: name.isEmpty || name == cardName ? cardName : "\(cardName), \(name)",
      direction: found.is_capture != 0 ? .capture : .playback,
      rates: Self.range(found.minimum_rate, found.maximum_rate),
      channelCounts: Self.range(found.minimum_channels, found.maximum_channels)
    )
  }

  private static func range(_ low: UInt32, _ high: UInt32) -> ClosedRange<Int>? {
    low > 0 && low <= high ? Int(low)...Int(high) : nil
  }

  /// The text in a C array of characters.
  private static func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
