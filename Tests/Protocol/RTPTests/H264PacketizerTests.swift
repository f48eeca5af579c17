// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing
import Wire

@Suite struct H264PacketizerTests {
  private func pieces(_ sizes: [Int], limit: Int) -> [H264Packetizer.Piece] {
    var random = RandomSource.seeded(1)
    var packetizer = H264Packetizer(.sample(sizes, using: &random))
    var pieces: [H264Packetizer.Piece] = []
    while let next = packetizer.next(maximumPayload: limit) { pieces.append(next.piece) }
    return pieces
  }

  @Test func `sends a unit that fits alone`() {
    #expect(pieces([100], limit: 100) == [.single(unit: 0)])
  }

  @Test func `puts parameter sets and a small slice into one packet`() {
    #expect(pieces([12, 4, 50], limit: 73) == [.aggregate(first: 0, end: 3)])
    #expect(
      pieces([12, 4, 51], limit: 73) == [.aggregate(first: 0, end: 2), .single(unit: 2)]
    )
  }

  @Test func `cuts a large unit into nearly equal parts`() {
    #expect(
      pieces([101], limit: 52) == [
        .fragment(unit: 0, from: 1, to: 51), .fragment(unit: 0, from: 51, to: 101),
      ]
    )
    #expect(
      pieces([102], limit: 52) == [
        .fragment(unit: 0, from: 1, to: 35), .fragment(unit: 0, from: 35, to: 69),
        .fragment(unit: 0, from: 69, to: 102),
      ]
    )
  }

  @Test func `passes over empty units`() {
    #expect(pieces([0, 10, 0], limit: 100) == [.single(unit: 1)])
    #expect(pieces([0, 0], limit: 100).isEmpty)
  }

  @Test func `writes a STAP-A with the highest importance of its units`() throws {
    let frame = EncodedFrame(
      bytes: [0x67, 1, 0x48, 2, 3],
      nalUnits: [0..<2, 2..<5],
      captured: .zero,
      isKeyframe: true,
      number: 0
    )
    let bytes = H264Packetizer.Piece.aggregate(first: 0, end: 2).bytes(of: frame)
    #expect(bytes == [0x78, 0, 2, 0x67, 1, 0, 3, 0x48, 2, 3])
  }

  @Test func `writes FU-A with the unit's header spread over indicator and header`() throws {
    let frame = EncodedFrame(
      bytes: [0x65, 1, 2, 3, 4],
      nalUnits: [0..<5],
      captured: .zero,
      isKeyframe: true,
      number: 0
    )
    var packetizer = H264Packetizer(frame)
    var payloads: [[UInt8]] = []
    var markers: [Bool] = []
    while !packetizer.isAtEnd {
      let payload = [UInt8](writing: { slot in
        guard let next = packetizer.next(maximumPayload: 4, into: &slot) else { return false }
        markers.append(next.isLast)
        return true
      })
      payloads.append(try #require(payload))
    }
    #expect(payloads == [[0x7C, 0x85, 1, 2], [0x7C, 0x45, 3, 4]])
    #expect(markers == [false, true])
  }

  @Test func `refuses pieces that the frame does not have`() {
    var random = RandomSource.seeded(1)
    let frame = EncodedFrame.sample([10, 20], using: &random)
    let wrong: [H264Packetizer.Piece] = [
      .single(unit: 2), .single(unit: -1), .aggregate(first: 0, end: 3),
      .aggregate(first: 1, end: 1), .aggregate(first: -1, end: 1),
      .fragment(unit: 0, from: 0, to: 5),
      .fragment(unit: 0, from: 1, to: 11), .fragment(unit: 0, from: 5, to: 5),
      .fragment(unit: 7, from: 1, to: 2),
    ]
    for piece in wrong {
      #expect(H264Packetizer.size(of: piece, of: frame) == 0)
      #expect(piece.bytes(of: frame) == nil)
    }
  }
}
