// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
public import MediaTypes
internal import RTP
internal import SRTP
public import Wire

extension PeerSession {
  /// Queues `frame` on the m-line of a transceiver; it is dropped while the peer is not connected, or
  /// does not take it.
  ///
  /// `wallClock` is the time of day at `now`, for sender reports.
  public mutating func send(
    _ frame: EncodedFrame,
    on transceiver: Transceiver.ID,
    wallClock: WallClock,
    at now: Timestamp
  ) {
    self.now = now
    self.wallClock = (wallClock, now)
    guard srtpSender != nil, ice.path != nil,
      let index = lines.firstIndex(where: { $0.agreed.transceiver == transceiver })
    else { return }
    lines[index].videoSender?.enqueue(frame, at: now)
    raiseKeyframeRequests()
  }

  /// Queues a packet of sound on the m-line of a transceiver, like a frame.
  public mutating func send(
    _ audio: EncodedAudio,
    on transceiver: Transceiver.ID,
    wallClock: WallClock,
    at now: Timestamp
  ) {
    self.now = now
    self.wallClock = (wallClock, now)
    guard srtpSender != nil, ice.path != nil,
      let index = lines.firstIndex(where: { $0.agreed.transceiver == transceiver })
    else { return }
    lines[index].audioSender?.enqueue(audio)
  }

  /// Hands packets of sound on as they come, in whatever order, or again in order, the missing ones waited
  /// for.
  public mutating func setHaste(_ isHasty: Bool, of transceiver: Transceiver.ID) {
    guard let index = lines.firstIndex(where: { $0.agreed.transceiver == transceiver }) else {
      return
    }
    lines[index].audioReceiver?.isHasty = isHasty
  }

  /// Asks the peer for an IDR picture of what it sends on a transceiver.
  public mutating func requestKeyframe(of transceiver: Transceiver.ID, at now: Timestamp) {
    self.now = now
    guard let index = lines.firstIndex(where: { $0.agreed.transceiver == transceiver }) else {
      return
    }
    lines[index].videoReceiver?.requestKeyframe(at: now)
  }

  /// The RTP timestamp of the newest frame queued for `transceiver`, and the time of day it was
  /// captured.
  public func mediaClock(
    of transceiver: Transceiver.ID
  ) -> (rtpTimestamp: UInt32, captured: WallClock)? {
    guard let line = lines.first(where: { $0.agreed.transceiver == transceiver }),
      let (timestamp, captured) = line.videoSender?.newestFrame
    else { return nil }
    let (time, instant) = wallClock
    let age = (instant - captured).inNanoseconds
    return (timestamp.rawValue, WallClock(unixNanoseconds: time.unixNanoseconds &- age))
  }

  /// Writes the next datagram into `slot`, which must be empty with room for `maximumDatagram` bytes.
  ///
  /// Answers where it goes, or `nil` (and an empty slot) when nothing is to be sent now. Call it until
  /// it answers `nil` after any other call.
  @_lifetime(slot: copy slot)
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Transmit? {
    guard let transmit = writeNext(into: &slot) else { return nil }
    statistics.datagramsSent &+= 1
    statistics.bytesSent &+= UInt64(slot.count)
    return transmit
  }

  @_lifetime(slot: copy slot)
  private mutating func writeNext(into slot: inout OutputSpan<UInt8>) -> Transmit? {
    if let transmit = ice.nextTransmit(into: &slot) {
      statistics.checksSent &+= 1
      statistics.checkBytesSent &+= UInt64(slot.count)
      return transmit
    }
    guard let path = ice.path else { return nil }
    if dtls?.nextTransmit(into: &slot) == true { return path }
    guard srtpSender != nil else { return nil }
    // Channels come last: they have a window, and media has a time.
    let isWritten =
      writeControl(into: &slot) || writeMedia(into: &slot) || writeChannels(into: &slot)
    return isWritten ? path : nil
  }

  @_lifetime(slot: copy slot)
  private mutating func writeControl(into slot: inout OutputSpan<UInt8>) -> Bool {
    let (time, instant) = wallClock
    let elapsed = (now - instant).inNanoseconds
    let current = WallClock(unixNanoseconds: time.unixNanoseconds &+ elapsed)
    for index in lines.indices
    where lines[index].nextControl(into: &slot, at: now, wallClock: current) {
      if srtpSender?.protectControl(&slot) == true { return true }
      slot.removeAll()
    }
    return false
  }

  @_lifetime(slot: copy slot)
  private mutating func writeMedia(into slot: inout OutputSpan<UInt8>) -> Bool {
    for _ in lines.indices {
      let index = turn % lines.count
      turn = index + 1
      guard lines[index].nextPacket(into: &slot, at: now) else { continue }
      if srtpSender?.protect(&slot) == true { return true }
      slot.removeAll()
    }
    return false
  }
}
