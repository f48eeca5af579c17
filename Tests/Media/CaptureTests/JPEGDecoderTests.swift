// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct JPEGDecoderTests {
  private static let size = PictureSize(width: 40, height: 24)

  private func target(_ size: PictureSize = Self.size) throws -> PictureBuffer {
    try required(PicturePool(JPEGDecoder.layout(size)).take())
  }

  private func expect(
    _ outcome: JPEGDecoder.Outcome,
    _ decoder: borrowing JPEGDecoder,
    _ bytes: [UInt8],
    _ picture: inout PictureBuffer
  ) {
    let found = decoder.decode(bytes.span, into: &picture)
    #expect(found == outcome)
  }

  /// Luma, U and V on the left and on the right, in every line.
  private func colors(_ picture: borrowing PictureBuffer, line: Int) -> [[Int]] {
    [5, 34].map { column in
      let planes = picture.layout.planes
      return [
        Int(picture.plane(0)[line * planes[0].stride + column]),
        Int(picture.plane(1)[line / 2 * planes[1].stride + column / 2]),
        Int(picture.plane(2)[line / 2 * planes[2].stride + column / 2]),
      ]
    }
  }

  @Test(
    arguments: [JPEGPictures.coarse, JPEGPictures.usual, JPEGPictures.fine, JPEGPictures.grey],
    [false, true]
  )
  func `decodes chroma of every fineness, with Huffman tables and without`(
    _ bytes: [UInt8],
    _ hasTables: Bool
  ) throws {
    let decoder = try required(JPEGDecoder())
    var picture = try target()
    let bytes = hasTables ? JPEGPictures.withTables(bytes) : bytes
    let outcome = decoder.decode(bytes.span, into: &picture)
    #expect(outcome == .decoded)
    let isGrey = bytes.count < 140 || (hasTables && bytes.count < 560)
    let wanted = isGrey ? [[116, 128, 128], [97, 128, 128]] : [[116, 80, 90], [97, 127, 197]]
    for line in 0..<24 {
      for (found, wanted) in zip(colors(picture, line: line), wanted) {
        #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 3 }, "\(line): \(found)")
      }
    }
  }

  @Test func `takes padding after a picture for no damage, nor a missing end`() throws {
    let decoder = try required(JPEGDecoder())
    var picture = try target()
    let padded = JPEGPictures.usual + [UInt8](repeating: 0, count: 500)
    expect(.decoded, decoder, padded, &picture)
    let endless = Array(JPEGPictures.usual.dropLast(2))
    expect(.decoded, decoder, endless, &picture)
  }

  @Test func `tells a picture that was cut short from a whole one`() throws {
    let decoder = try required(JPEGDecoder())
    var picture = try target()
    for count in stride(from: 0, to: JPEGPictures.usual.count - 12, by: 7) {
      let cut = Array(JPEGPictures.usual.prefix(count))
      let outcome = decoder.decode(cut.span, into: &picture)
      #expect(outcome == .damaged, "\(count) bytes")
    }
    expect(.decoded, decoder, JPEGPictures.usual, &picture)
  }

  @Test func `refuses another size, and pictures that come in several scans`() throws {
    let decoder = try required(JPEGDecoder())
    var larger = try target(PictureSize(width: 48, height: 24))
    expect(.unsuitable, decoder, JPEGPictures.usual, &larger)
    var progressive = JPEGPictures.usual
    let frame = try #require(progressive.firstIndex(of: 0xC0))
    progressive[frame] = 0xC2
    var picture = try target()
    expect(.unsuitable, decoder, progressive, &picture)
    var huge = JPEGPictures.usual
    for index in frame + 4..<frame + 8 { huge[index] = 0x7F }
    expect(.unsuitable, decoder, huge, &picture)
  }

  @Test func `survives mutated pictures, and decodes a sound one after them`() throws {
    let seeds = [
      JPEGPictures.coarse, JPEGPictures.usual, JPEGPictures.fine, JPEGPictures.grey,
      JPEGPictures.withTables(JPEGPictures.usual),
    ]
    let decoder = try required(JPEGDecoder())
    var picture = try target()
    var random = RandomSource.seeded(11)
    for _ in 0..<20_000 {
      let bytes = mutation(of: seeds, using: &random)
      _ = decoder.decode(bytes.span, into: &picture)
    }
    expect(.decoded, decoder, JPEGPictures.coarse, &picture)
    let found = colors(picture, line: 20)
    #expect(abs(found[1][2] - 197) <= 3)
  }
}
