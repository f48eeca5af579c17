// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing

struct PictureBufferTests {
  @Test(arguments: PixelFormat.allCases)
  func `planes follow one another and fill the memory`(_ format: PixelFormat) {
    let layout = PictureLayout(format, size: PictureSize(width: 64, height: 48))
    var end = 0
    for plane in layout.planes {
      #expect(plane.offset == end)
      end += plane.byteCount
    }
    #expect(end == layout.byteCount)
    #expect(layout.byteCount == 64 * 48 * ([.yuyv, .mjpeg].contains(format) ? 4 : 3) / 2)
  }

  @Test func `planes may lie in memories of their own`() {
    let layout = PictureLayout(
      .i420,
      size: PictureSize(width: 60, height: 40),
      places: [(0, 64), (4096, 32), (8192, 48)].map { PictureLayout.Place(offset: $0, stride: $1) },
      byteCount: 12_288
    )
    #expect(layout.planes.map(\.offset) == [0, 4096, 8192])
    #expect(layout.planes.map(\.stride) == [64, 32, 48])
    #expect(layout.planes.map(\.height) == [40, 20, 20])
    #expect(layout.byteCount == 12_288)
  }

  @Test func `a driver's stride of YU12 is halved for chroma`() {
    let layout = PictureLayout(.i420, size: PictureSize(width: 60, height: 40), stride: 64)
    #expect(layout.planes.map(\.stride) == [64, 32, 32])
    #expect(layout.planes.map(\.offset) == [0, 64 * 40, 64 * 40 + 32 * 20])
  }

  @Test func `what is written to a plane is read from it`() throws {
    let pool = PicturePool(PictureLayout(.nv12, size: PictureSize(width: 32, height: 16)))
    var picture = try required(pool.take())
    var chroma = picture.mutablePlane(1)
    for index in chroma.indices { chroma[index] = UInt8(index % 251) }
    let read = picture.plane(1)
    for index in read.indices { #expect(read[index] == UInt8(index % 251)) }
    #expect(picture.plane(0)[0] == 0)
  }

  @Test func `a pool lends no more than it has, and takes back what is dropped`() throws {
    let layout = PictureLayout(.i420, size: PictureSize(width: 32, height: 16))
    let pool = PicturePool(layout, capacity: 2)
    let first = try required(pool.take())
    let second = pool.take()
    let third = pool.take()
    #expect((second != nil) == true)
    #expect((third == nil) == true)
    let slot = first.slot
    _ = consume first
    let again = try required(pool.take())
    #expect(again.slot == slot)
  }

  @Test func `of the pictures that come back a pool keeps one`() throws {
    let pool = PicturePool(PictureLayout(.i420, size: PictureSize(width: 32, height: 16)))
    var first = try required(pool.take())
    var second = try required(pool.take())
    var third = try required(pool.take())
    write(7, to: &first)
    write(8, to: &second)
    write(9, to: &third)
    _ = consume second
    _ = consume first
    _ = consume third
    let kept = try required(pool.take())
    let fresh = try required(pool.take())
    #expect(kept.plane(0)[0] == 8)
    #expect(fresh.plane(0)[0] == 0)
  }

  private func write(_ value: UInt8, to picture: inout PictureBuffer) {
    var luma = picture.mutablePlane(0)
    luma[0] = value
  }
}

/// What `#require` does, for values that cannot be copied.
func required<Value: ~Copyable>(_ value: consuming Value?) throws -> Value {
  guard let value else { throw Absent() }
  return value
}

/// A value was missing.
struct Absent: Error {}
