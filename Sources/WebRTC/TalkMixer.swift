// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import MediaTypes
internal import Sound
internal import Synchronization
internal import Wire

/// What lies between the loop, which brings packets of talkers, and the loudspeaker's thread, which decodes
/// and mixes them.
///
/// The loop only leaves things: it never waits for a decoder.
final class TalkMixer: @unchecked Sendable {
  // Sendable without the compiler's proof: `talkers`, `mixer` and `piece` are the loudspeaker's thread's
  // alone, and there is never more than one.

  /// What the loop leaves.
  private struct Inbox {
    /// Who is to be heard.
    var talkers: [String] = []
    var packets: [(id: String, packet: EncodedAudio, arrived: Timestamp)] = []
  }

  private final class Talker {
    let id: String
    var playout: TalkerPlayout

    init?(_ id: String) {
      guard let playout = TalkerPlayout() else { return nil }
      self.id = id
      self.playout = playout
    }
  }

  /// Packets that may wait when the card stands still: more than a second of three talkers.
  private static let maximumPackets = 160

  private let inbox = Mutex(Inbox())
  private let told = Mutex<[String: TalkerPlayout.Reading]>([:])
  private let time = Mutex(Duration.zero)
  private let taps = Mutex<[SpeakerTap]>([])
  private var talkers: [Talker] = []
  private var mixer = Mixer(count: SoundThread.blockFrames)
  private var piece = [Int16](repeating: 0, count: SoundThread.blockFrames)

  /// These are heard from now on, and no others.
  func hear(_ talkers: [String]) { inbox.withLock { $0.talkers = talkers } }

  /// Leaves a packet of `id` that arrived at `now`; where too many wait, the oldest is dropped.
  func add(_ packet: EncodedAudio, of id: String, at now: Timestamp) {
    inbox.withLock { inbox in
      if inbox.packets.count >= Self.maximumPackets { inbox.packets.removeFirst() }
      inbox.packets.append((id, packet, now))
    }
  }

  /// Leaves with `tap` what is played from now on.
  func add(_ tap: SpeakerTap) { taps.withLock { $0.append(tap) } }

  func remove(_ tap: SpeakerTap) { taps.withLock { taps in taps.removeAll { $0 === tap } } }

  /// What the sound of `id` has come to; `nil` while it is not heard.
  func reading(of id: String) -> TalkerPlayout.Reading? { told.withLock { $0[id] } }

  /// Processor time that the loudspeaker's thread has spent here.
  var busy: Duration { time.withLock { $0 } }

  /// Fills `block` with what all talkers say, on the loudspeaker's thread.
  func fill(_ block: inout SoundBlock) {
    let began = MediaClock.threadTime
    let now = MediaClock.now
    follow()
    for talker in talkers {
      talker.playout.pull(into: &piece, played: block.position, at: now)
      mixer.add(piece.span)
    }
    var samples = block.samples.mutableSpan
    mixer.mix(into: &samples)
    for tap in taps.withLock({ $0 }) { tap.play(block) }
    told.withLock { told in
      told.removeAll(keepingCapacity: true)
      for talker in talkers { told[talker.id] = talker.playout.reading }
    }
    time.withLock { $0 += MediaClock.threadTime - began }
  }

  private func follow() {
    let inbox = inbox.withLock { inbox in
      defer { inbox.packets = [] }
      return inbox
    }
    talkers.removeAll { !inbox.talkers.contains($0.id) }
    for id in inbox.talkers where !talkers.contains(where: { $0.id == id }) {
      if let talker = Talker(id) { talkers.append(talker) }
    }
    for (id, packet, arrived) in inbox.packets {
      talkers.first { $0.id == id }?.playout.insert(packet, at: arrived)
    }
  }
}
