// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Sound
internal import Wire

extension FuzzTarget {
  /// Commands with time to what lies between packets and loudspeaker.
  public static let sound: [FuzzTarget] = [
    FuzzTarget("jitterbuffer", seeds: jitterBufferSeeds) { input in
      // Five bytes a command: what, the step of the number, two of the timestamp, and of time.
      var configuration = JitterBuffer.Configuration()
      configuration.hasForwardErrorCorrection = input.first.map { $0 & 1 != 0 } ?? true
      var buffer = JitterBuffer(configuration)
      var reader = ByteReader(input.span)
      reader.skip(1)
      var now = Timestamp.zero
      var packet = EncodedAudio(bytes: [], captured: .zero, number: 0, timestamp: 0, payloadType: 0)
      while let command = reader.readUInt8(), let number = reader.readUInt8(),
        let ticks = reader.readUInt16(), let time = reader.readUInt8()
      {
        now += .milliseconds(Int64(time))
        switch command & 7 {
        case 0...3:
          let step = Int64(Int8(bitPattern: number))
          packet.number = packet.number &+ UInt64(bitPattern: step)
          packet.timestamp = packet.timestamp &+ Int64(Int16(bitPattern: ticks))
          packet.bytes = [UInt8](repeating: 0, count: Int(command >> 3))
          buffer.insert(packet, ticks: command & 1 == 0 ? 960 : Int(ticks), at: now)
        case 4:
          packet.number = UInt64(number) << 56
          packet.timestamp = Int64(Int16(bitPattern: ticks)) << 48
        case 5:
          buffer.reset()
        default:
          for _ in 0..<(command >> 3) {
            pull(&buffer, waiting: Int(number) * 4, at: now)
            now += .milliseconds(10)
          }
        }
        precondition(buffer.packets <= 128, "memory has grown")
        let statistics = buffer.statistics
        precondition(statistics.concealedSamples <= statistics.totalSamplesReceived)
        precondition(statistics.silentConcealedSamples <= statistics.concealedSamples)
      }
    }
  ]

  private static func pull(_ buffer: inout JitterBuffer, waiting: Int, at now: Timestamp) {
    let before = buffer.packets
    let playout = buffer.next(waiting: waiting, at: now)
    let ticks: Int
    switch playout {
    case .decode(_, let count):
      precondition(buffer.packets < before, "a packet is decoded and stays")
      ticks = count
    case .recover(_, let count):
      precondition(buffer.packets > 0, "a copy of nothing")
      ticks = count
    case .conceal(let count), .comfortNoise(let count), .silence(let count): ticks = count
    }
    precondition((1...5_760).contains(ticks), "\(ticks) ticks")
    let target = buffer.targetDelay
    precondition(target >= .milliseconds(20) && target <= .milliseconds(500), "target \(target)")
  }

  private static let jitterBufferSeeds: [[UInt8]] = {
    func commands(_ list: [[UInt8]]) -> [UInt8] { [1] + list.flatMap(\.self) }
    let packet: [UInt8] = [0xF8, 1, 3, 0xC0, 20]
    let skipped: [UInt8] = [0xF8, 2, 7, 0x80, 20]
    let empty: [UInt8] = [0x08, 1, 3, 0xC0, 20]
    let pulls: [UInt8] = [0x17, 0, 0, 0, 0]
    let steady = (0..<12).flatMap { _ in [packet, pulls] }
    return [
      commands(steady),
      commands(steady + [skipped, pulls, packet, pulls, [0xF8, 0xFF, 0xFC, 0x40, 0], pulls]),
      commands(steady + [empty, [0xFF, 0, 0, 0, 0], packet, pulls, [4, 9, 1, 0, 0]] + steady),
      commands([[0xF8, 120, 3, 0xC0, 200], pulls] + steady + [[5, 0, 0, 0, 0]] + steady),
    ]
  }()
}
