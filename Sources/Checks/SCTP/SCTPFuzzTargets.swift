// SPDX-License-Identifier: Apache-2.0
internal import SCTP
internal import Wire

extension FuzzTarget {
  /// Packets into an association that stands, and commands to two of them.
  public static let sctp: [FuzzTarget] = [
    FuzzTarget("sctp", seeds: packetSeeds) { input in
      // The first byte chooses what was agreed. Then packets: the length in two bytes, a byte that
      // says how long after the one before it comes, in units of 8 ms, and the chunks.
      guard let choice = input.first else { return }
      var puppet = SCTPPuppet(
        parameters: choice & 1 != 0 ? SCTPPuppet.interleaving : SCTPPuppet.allExtensions,
        tsn: choice & 2 != 0 ? 0xFFFF_FFF8 : 1
      )
      if choice & 4 != 0 { sendSome(&puppet) }
      if choice & 8 != 0 { puppet.association.shutdown(at: puppet.now) }
      if choice & 16 != 0 {
        // As they are, before anything stands.
        puppet.association = SCTPAssociation(.init(), random: .seeded(1), at: .zero)
        if choice & 32 != 0 { puppet.association.connect(at: .zero) }
      }
      var reader = ByteReader(input.span)
      reader.skip(1)
      while let length = reader.readUInt16(), let step = reader.readUInt8(),
        let chunks = reader.readBytes(min(Int(length), reader.remaining))
      {
        puppet.wait(.milliseconds(Int64(step) * 8))
        if choice & 16 != 0 {
          puppet.send(raw: chunks)
        } else {
          puppet.send([chunks])
        }
        puppet.heard.removeAll(keepingCapacity: true)
        puppet.events.removeAll(keepingCapacity: true)
        requireSound(puppet)
      }
      puppet.wait(.seconds(100))
    },
    FuzzTarget("sctppacket", seeds: singlePacketSeeds) { input in
      // The first byte chooses the state; the rest are the chunks of one packet, whose tag and
      // checksum are right, or a whole packet.
      guard let choice = input.first else { return }
      var puppet = standing[Int(choice) % standing.count]
      let rest = Array(input.dropFirst())
      if choice & 128 != 0 { puppet.send(raw: rest) } else { puppet.send([rest]) }
      requireSound(puppet)
      puppet.wait(.milliseconds(250))
      requireSound(puppet)
    },
    FuzzTarget("sctpcommands", seeds: commandSeeds) { input in
      runCommands(input)
    },
  ]

  private static func requireSound(_ puppet: SCTPPuppet) {
    let used = puppet.association.receiveBufferUsed
    precondition(used <= (1 << 20) + 262_144 + 70_000, "memory has grown")
    if let deadline = puppet.association.deadline {
      precondition(deadline > puppet.now || puppet.association.state == .ended, "stands still")
    }
  }

  /// An association in each state that a packet can meet, to be copied for each input.
  private static let standing: [SCTPPuppet] = {
    var states: [SCTPPuppet] = []
    for choice in 0..<16 {
      var puppet = SCTPPuppet(
        parameters: choice & 1 != 0 ? SCTPPuppet.interleaving : SCTPPuppet.allExtensions,
        tsn: choice & 2 != 0 ? 0xFFFF_FFF8 : 1
      )
      if choice & 4 != 0 { sendSome(&puppet) }
      if choice & 8 != 0 { puppet.association.shutdown(at: puppet.now) }
      puppet.listen()
      puppet.heard = []
      puppet.events = []
      states.append(puppet)
    }
    var unborn = SCTPPuppet()
    unborn.association = SCTPAssociation(.init(), random: .seeded(1), at: .zero)
    states.append(unborn)
    unborn.association.connect(at: .zero)
    unborn.listen()
    unborn.heard = []
    states.append(unborn)
    return states
  }()

  private static func sendSome(_ puppet: inout SCTPPuppet) {
    for stream: UInt16 in 0..<3 {
      let message = SCTPMessage.numbered(1, bytes: 4_000, stream: stream)
      let options = SCTPSendOptions(
        isOrdered: stream != 1,
        lifetime: stream == 1 ? .milliseconds(300) : nil
      )
      _ = puppet.association.send(message, options, at: puppet.now)
    }
    puppet.association.resetStreams([2], at: puppet.now)
    puppet.listen()
  }

  /// Two ends; each command is a byte of what, and one of how much.
  private static func runCommands(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    var configurations = [SCTPConfiguration(), SCTPConfiguration()]
    configurations[0].offersInterleaving = choice & 1 != 0
    configurations[1].acceptsZeroChecksum = choice & 2 != 0
    configurations[0].initialTSN = choice & 4 != 0 ? UInt32.max - 3 : nil
    for index in 0...1 {
      configurations[index].maximumReceiveBuffer = choice & 8 != 0 ? 8_000 : 1 << 20
      configurations[index].maximumSendBuffer = 100_000
    }
    var simulation = SCTPSimulation(seed: UInt64(choice), configurations)
    var sent = 0
    var isBroken = false
    var index = 1
    while index + 1 < input.count, index < 2_000 {
      let (command, amount) = (input[index], input[index + 1])
      index += 2
      let end = Int(command >> 7)
      switch command & 15 {
      case 0, 1, 2:
        let bytes = 4 + Int(amount) * (command & 15 == 2 ? 200 : 8)
        let options = SCTPSendOptions(
          isOrdered: command & 16 == 0,
          lifetime: command & 32 != 0 ? .milliseconds(Int64(amount)) : nil,
          maximumRetransmissions: command & 64 != 0 ? UInt16(amount & 3) : nil
        )
        let message = SCTPMessage.numbered(sent, bytes: bytes, stream: UInt16(amount & 7))
        if simulation.ends[end].association.send(message, options, at: simulation.now) == .queued {
          sent += 1
        }
      case 3: simulation.ends[end].association.connect(at: simulation.now)
      case 4:
        simulation.ends[end].association.resetStreams([UInt16(amount & 7)], at: simulation.now)
      case 5: simulation.ends[end].association.shutdown(at: simulation.now)
      case 6 where amount == 0:
        simulation.ends[end].association.abort("fuzz", at: simulation.now)
        isBroken = true
      case 7: simulation.ends[end].link.weather.loss = Double(amount & 127) / 256
      case 8: simulation.ends[end].link.weather.reordering = Double(amount & 127) / 256
      case 9: simulation.ends[end].link.weather.duplication = Double(amount & 127) / 256
      case 10: simulation.ends[end].link.weather.isDown = amount & 1 != 0
      case 11: simulation.ends[end].isReading = amount & 1 == 0
      case 12 where amount == 255:
        // The peer begins anew.
        simulation.ends[end].association = SCTPAssociation(
          configurations[end],
          random: .seeded(UInt64(index)),
          at: simulation.now
        )
        isBroken = true
      default:
        step(&simulation, .milliseconds(Int64(amount) * 4))
      }
      simulation.drain()
    }
    for end in 0...1 {
      simulation.ends[end].link.weather = .init()
      simulation.ends[end].isReading = true
    }
    step(&simulation, .seconds(60))
    for end in simulation.ends {
      for message in end.messages { precondition(message.number != nil, "a message was damaged") }
      guard !isBroken else { continue }
      let numbers = end.messages.map(\.number)
      precondition(Set(numbers).count == numbers.count, "a message came twice")
    }
  }

  private static func step(_ simulation: inout SCTPSimulation, _ duration: Duration) {
    do {
      try simulation.run(for: duration)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private static func framed(_ chunks: [[UInt8]], after step: UInt8 = 1) -> [UInt8] {
    let bytes = Array(chunks.joined())
    return [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF), step] + bytes
  }

  private static let packetSeeds: [[UInt8]] = {
    var puppet = SCTPPuppet()
    let part = [UInt8](repeating: 5, count: 20)
    let first = puppet.theirTSN
    let whole = puppet.data([1, 2, 3])
    let ordered = [puppet.data(part, ssn: 1, flags: 2), puppet.data(part, ssn: 1, flags: 1)]
    let unordered = [puppet.data(part, flags: 6), puppet.data(part, flags: 5)]
    var other = SCTPPuppet(parameters: SCTPPuppet.interleaving)
    let interleaved = [
      other.interleavedData(part, mid: 0, last: 53, flags: 2),
      other.interleavedData(part, stream: 2, mid: 0, last: 53, flags: 6),
      other.interleavedData(part, mid: 0, last: 1, flags: 1),
      other.interleavedData(part, stream: 2, mid: 0, last: 1, flags: 5),
    ]
    let sack = SCTPPuppet.words(3, [first, 100_000, 0x0001_0000, 0x0002_0002])
    let forward = SCTPPuppet.words(0xC0, [9, 0x0001_0004])
    let interleavedForward = SCTPPuppet.words(0xC2, [9, 0x0001_0000, 3, 0x0002_0001, 4])
    let reset = SCTPPuppet.chunk(
      0x82,
      [0, 13, 0, 18, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    )
    let demand = SCTPPuppet.chunk(0x82, [0, 14, 0, 8, 0, 0, 0, 1])
    let response = SCTPPuppet.words(0x82, [0x0010_000C, first, 1])
    let beat = SCTPPuppet.chunk(4, [0, 1, 0, 8, 1, 2, 3, 4])
    let shutdown = SCTPPuppet.words(7, [first])
    let initiation = SCTPPuppet.words(1, [0x2222_2222, 1 << 20, 0x0010_0010, 1])
    let data: [UInt8] = framed([whole] + ordered) + framed(unordered)
    return [
      [0] + data + framed([forward, sack]),
      [1] + framed(interleaved) + framed([interleavedForward]),
      [2] + data,
      [4] + framed([sack]) + framed([response], after: 100) + framed([sack]),
      [0] + framed([reset]) + data + framed([demand, beat]),
      [8] + framed([sack]) + framed([SCTPPuppet.chunk(8)]) + framed([shutdown]),
      [0] + framed([shutdown]) + framed([SCTPPuppet.chunk(14)]),
      [0] + framed([SCTPPuppet.chunk(6, [0, 12, 0, 8, 65, 66, 67, 68])]),
      [0] + framed([SCTPPuppet.chunk(9, [0, 3, 0, 8, 0, 0, 0, 9])]) + framed([beat]),
      [16] + framed([SCTPPuppet.packet([initiation + SCTPPuppet.allExtensions], tag: 0)]),
      [48] + framed([SCTPPuppet.packet([initiation], tag: 0)]),
    ]
  }()

  /// The first packet of each sequence, in each state.
  private static let singlePacketSeeds: [[UInt8]] = packetSeeds.flatMap { seed in
    let length = Int(seed[1]) << 8 | Int(seed[2])
    let packet = Array(seed[4..<4 + length])
    return (0..<UInt8(standing.count)).map { [seed[0] & 16 != 0 ? $0 | 128 : $0] + packet }
  }

  private static let commandSeeds: [[UInt8]] = [
    [1, 3, 0, 131, 0, 13, 50, 0, 10, 2, 100, 128, 5, 13, 100, 4, 2, 13, 100, 0, 10, 13, 100],
    [0, 3, 0, 13, 50, 7, 60, 135, 60, 2, 200, 50, 200, 98, 20, 13, 255, 13, 255, 5, 0, 13, 255],
    [12, 3, 0, 131, 0, 13, 50, 139, 1, 2, 250, 2, 250, 13, 200, 139, 0, 13, 200],
    [5, 3, 0, 131, 0, 13, 20, 2, 250, 12, 255, 3, 0, 13, 100, 0, 1, 13, 100],
  ]
}
