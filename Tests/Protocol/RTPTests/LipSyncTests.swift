// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

/// A receiver puts pictures and sound in step by the time of day at which each was captured (RFC 3550
/// section 6.4.1): both must be told it by one clock.
struct LipSyncTests {
  /// When the packet of `timestamp` was captured by the clock of the reports, in seconds.
  private static func captured(
    _ timestamp: RTPTime,
    rate: Double,
    by control: [RTCPPacket]
  ) throws -> Double {
    let report = try #require(
      control.compactMap { packet -> RTCPPacket.SenderReport? in
        guard case .senderReport(let report) = packet else { return nil }
        return report
      }.last
    )
    let ticks = Double(report.timestamp - timestamp)
    return Double(report.ntp) / 4_294_967_296 - ticks / rate
  }

  @Test func `what was captured together is told the same time of day, also after a day of drift`()
    throws
  {
    let video = VideoSenderHarness()
    let start = video.now
    var audio = AudioSender(
      .init(ssrc: SSRC(rawValue: 9), payloadType: PayloadType(lowBitsOf: 111), cname: "camera"),
      random: .seeded(1),
      at: start
    )
    // The card's clock is 200 millionths fast: its samples are more than the time that passes.
    for number in 0..<1440 {
      let seconds = number * 60
      let moment = start + .seconds(seconds)
      video.now = moment
      video.enqueue(isKeyframe: true)
      audio.enqueue(
        EncodedAudio(
          bytes: [1, 2, 3],
          captured: moment,
          number: UInt64(number),
          timestamp: Int64(Double(seconds) * 48_000 * 1.0002),
          payloadType: 111
        )
      )
      let picture = try #require(video.allPackets().first?.header)
      var packet: [UInt8]? = nil
      packet = [UInt8](room: 1190, writing: { audio.nextPacket(into: &$0, at: moment) })
      let sound = try #require(packet?.header)
      // Reports of both leave at different moments.
      video.wait(.milliseconds(1700))
      let later = moment + .milliseconds(2300)
      let wallClock = WallClock(unixNanoseconds: later.nanoseconds)
      let bytes = [UInt8](
        writing: { audio.nextControl(into: &$0, at: later, wallClock: wallClock) }
      )
      let told = (
        try Self.captured(picture.timestamp, rate: 90_000, by: try #require(video.control())),
        try Self.captured(
          sound.timestamp,
          rate: 48_000,
          by: try #require(bytes.map { RTCPPacket.reading($0) })
        )
      )
      #expect(abs(told.0 - told.1) < 0.002, "after \(seconds) s: \(told)")
    }
  }
}
