// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// What the test pattern shows: a textured room, a square that moves through it, sensor noise.
///
/// The same number always gives the same picture. The room's luma is drawn once; a frame costs one
/// pass of additions over it, and chroma is touched only where the square was and is.
struct TestScene {
  private struct Place: Hashable {
    var x: Int
    var y: Int
  }

  /// Where the planes of every picture lie: I420, lines of whole vectors.
  let layout: PictureLayout
  private let side: Int
  /// Lines that belong to the clock.
  private let top: Int
  private var room: [SIMD16<UInt8>] = []
  /// A line of the first chroma plane below the clock; the second plane goes from line to line.
  private var tint: [UInt8] = []
  private var square: [UInt8] = []
  private var noise: [SIMD16<UInt8>] = []
  /// Where the square is in each picture of the pool, unless its memory is new and so all zero.
  private var painted: [Int: Place] = [:]

  init(_ size: PictureSize) {
    layout = PictureLayout(.i420, size: size, stride: (size.width + 31) / 32 * 32)
    side = max(2, size.height / 5 / 2 * 2)
    top = PictureClock.blockHeight(in: size.height) * 2
    drawRoom()
    drawSquare()
    drawNoise()
  }

  /// Paints frame `number`, all but the clock.
  mutating func paint(_ number: UInt64, into picture: inout PictureBuffer) {
    let place = place(of: number)
    paintRoom(number, into: &picture)
    paintSquare(at: place, into: &picture)
    for plane in 1...2 { paintChroma(plane, at: place, into: &picture) }
    painted[picture.slot] = place
  }

  private func paintRoom(_ number: UInt64, into picture: inout PictureBuffer) {
    let columns = layout.planes[0].stride / 16
    var random = RandomSource.seeded(number)
    var luma = picture.mutableVectors(0)
    let room = room.span
    let noise = noise.span
    let last = UInt64(noise.count - columns)
    for line in top..<layout.size.height {
      let grain = Int(truncatingIfNeeded: random.next() % last)
      let start = line &* columns
      for column in 0..<columns {
        luma[start &+ column] = room[start &+ column] &+ noise[grain &+ column]
      }
    }
  }

  private func paintSquare(at place: Place, into picture: inout PictureBuffer) {
    let stride = layout.planes[0].stride
    var luma = picture.mutablePlane(0)
    for line in 0..<side {
      let start = (place.y &+ line) &* stride &+ place.x
      for column in 0..<side { luma[start &+ column] = square[line &* side &+ column] }
    }
  }

  private mutating func paintChroma(
    _ index: Int,
    at place: Place,
    into picture: inout PictureBuffer
  ) {
    let plane = layout.planes[index]
    let slot = picture.slot
    var samples = picture.mutablePlane(index)
    let lines: Range<Int>
    let columns: Range<Int>
    if samples[0] != 0, let before = painted[slot] {
      lines = before.y / 2..<(before.y + side) / 2
      columns = before.x / 2..<(before.x + side) / 2
    } else {
      lines = 0..<plane.height
      columns = 0..<plane.width
    }
    for line in lines {
      let start = line &* plane.stride
      let isClock = line < (top + 1) / 2
      let level: UInt8 = isClock ? 128 : UInt8(96 + line * 64 / plane.height)
      for column in columns {
        samples[start &+ column] = index == 1 && !isClock ? tint[column] : level
      }
    }
    let shade: UInt8 = index == 1 ? 84 : 200
    for line in place.y / 2..<(place.y + side) / 2 {
      let start = line &* plane.stride &+ place.x / 2
      for column in start..<start &+ side / 2 { samples[column] = shade }
    }
  }

  /// Both coordinates go to and fro, at speeds that do not fit together.
  private func place(of number: UInt64) -> Place {
    func fold(_ distance: UInt64, _ range: Int) -> Int {
      guard range > 1 else { return 0 }
      let round = Int(truncatingIfNeeded: distance % UInt64(2 * range))
      return round < range ? round : 2 * range - 1 - round
    }
    let pace = UInt64(max(1, layout.size.height / 180))
    let width = max(0, (layout.size.width - side) / 2)
    let height = max(0, (layout.size.height - side - top) / 2)
    return Place(
      x: fold((number &* pace) >> 1 &* 3, width) * 2,
      y: (top + 1) / 2 * 2 + fold(number &* pace, height) / 2 * 2
    )
  }

  private mutating func drawRoom() {
    let size = layout.size
    let stride = layout.planes[0].stride
    var luma = [UInt8](repeating: 0, count: stride)
    room.reserveCapacity(stride / 16 * size.height)
    for y in 0..<size.height {
      for x in 0..<stride { luma[x] = shade(x * 1280 / size.width, y * 720 / size.height) }
      for start in Swift.stride(from: 0, to: stride, by: 16) {
        room.append(SIMD16(luma[start..<start + 16]))
      }
    }
    let width = layout.planes[1].width
    tint = (0..<width).map { UInt8(96 + $0 * 64 / width) }
  }

  /// Luma of the room on a canvas of 1280x720: a wall with light and grain, bars, and a fine grid.
  private func shade(_ x: Int, _ y: Int) -> UInt8 {
    var luma = 70 + x * 60 / 1280 + y * 30 / 720
    luma += (hill(x, y, cell: 160) - 128) / 4 + (hill(x, y, cell: 40) - 128) / 8
    luma += (hill(x, y, cell: 10) - 128) / 16
    if (500..<620).contains(y) { luma += x / 80 % 2 == 0 ? 40 : -30 }
    if (900..<1200).contains(x), (120..<420).contains(y) {
      luma = (x / 12 + y / 12) % 2 == 0 ? 180 : 60
    }
    return UInt8(max(24, min(225, luma)))
  }

  /// Smooth noise: random heights at the corners of cells, straight lines between them.
  private func hill(_ x: Int, _ y: Int, cell: Int) -> Int {
    let left = x / cell
    let above = y / cell
    let across = x % cell
    let down = y % cell
    let upper =
      height(left, above, cell) * (cell - across) + height(left + 1, above, cell) * across
    let lower =
      height(left, above + 1, cell) * (cell - across) + height(left + 1, above + 1, cell) * across
    return (upper * (cell - down) + lower * down) / (cell * cell)
  }

  private func height(_ x: Int, _ y: Int, _ cell: Int) -> Int {
    var random = RandomSource.seeded(UInt64(x) << 32 | UInt64(y) << 16 | UInt64(cell))
    return Int(random.next() >> 56)
  }

  private mutating func drawSquare() {
    square = (0..<side * side).map { index in
      let x = index % side * 8 / side
      let y = index / side * 8 / side
      return (x + y) % 2 == 0 ? 200 : UInt8(60 + x * 10)
    }
  }

  /// Small numbers, most of them near zero, added with wraparound.
  private mutating func drawNoise() {
    var random = RandomSource.seeded(1)
    let columns = layout.planes[0].stride / 16
    for _ in 0..<columns + 509 {
      var grain = SIMD16<UInt8>()
      for index in grain.indices {
        let bits = random.next()
        let sum = (bits & 3) + (bits >> 2 & 3) + (bits >> 4 & 3) + (bits >> 6 & 3)
        grain[index] = UInt8(truncatingIfNeeded: Int(sum) / 2 - 3)
      }
      noise.append(grain)
    }
  }
}
