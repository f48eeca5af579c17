// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct TestPatternTests {
  private static let request = CameraRequest(
    size: PictureSize(width: 320, height: 180),
    frameRate: FrameRate(200)
  )

  @Test func `numbers its pictures and tells the time in them`() throws {
    var pattern = TestPattern(Self.request)
    let wake = try WakeDescriptor()
    var lastTime: UInt32 = 0
    for number in 0..<6 {
      guard let frame = try pattern.nextFrame(until: nil, wake: wake) else {
        Issue.record("no frame \(number)")
        return
      }
      let plane = frame.picture.layout.planes[0]
      #expect(frame.number == UInt64(number))
      #expect(PictureClock.read(row: 1, from: frame.picture.plane(0), plane) == UInt32(number))
      let time = PictureClock.read(row: 0, from: frame.picture.plane(0), plane)
      #expect(MediaClock.now - frame.captured < .seconds(1))
      #expect(try #require(time) >= lastTime)
      lastTime = try #require(time)
      // Chroma under the clock is neutral.
      #expect(frame.picture.plane(1)[3] == 128)
      #expect(frame.picture.plane(2)[3] == 128)
    }
  }

  @Test func `paints the same picture for the same number, whatever memory it is in`() throws {
    let size = PictureSize(width: 320, height: 180)
    var first = TestScene(size)
    var second = TestScene(size)
    let pool = PicturePool(first.layout)
    let other = PicturePool(second.layout)
    var one = try required(pool.take())
    var two = try required(other.take())
    for number in UInt64(0)..<9 { first.paint(number, into: &one) }
    second.paint(8, into: &two)
    let top = PictureClock.blockHeight(in: size.height) * 2
    var differences = 0
    var moved = 0
    for (index, plane) in first.layout.planes.enumerated() {
      let left = one.plane(index)
      let right = two.plane(index)
      for line in (index == 0 ? top : 0)..<plane.height {
        for column in 0..<plane.width
        where left[line * plane.stride + column] != right[line * plane.stride + column] {
          differences += 1
        }
      }
    }
    #expect(differences == 0)
    second.paint(60, into: &two)
    let luma = second.layout.planes[0]
    for index in top * luma.stride..<luma.byteCount where one.plane(0)[index] != two.plane(0)[index]
    {
      moved += 1
    }
    #expect(moved > luma.byteCount / 4)
  }

  @Test func `paints all of a picture whose memory is new, though its slot is not`() throws {
    let size = PictureSize(width: 320, height: 180)
    var scene = TestScene(size)
    let pool = PicturePool(scene.layout)
    for number in UInt64(0)..<2 {
      var kept = try required(pool.take())
      var fresh = try required(pool.take())
      scene.paint(number * 20, into: &kept)
      scene.paint(number * 20, into: &fresh)
      var differences = 0
      for index in 1...2 {
        let left = kept.plane(index)
        let right = fresh.plane(index)
        for place in left.indices where left[place] != right[place] { differences += 1 }
        #expect(right[0] == 128)
      }
      #expect(differences == 0)
    }
  }

  @Test func `skips a picture while all memory is lent`() throws {
    var pattern = TestPattern(Self.request)
    let wake = try WakeDescriptor()
    let first = try required(pattern.nextFrame(until: nil, wake: wake))
    let second = try required(pattern.nextFrame(until: nil, wake: wake))
    let third = try required(pattern.nextFrame(until: nil, wake: wake))
    let fourth = try required(pattern.nextFrame(until: nil, wake: wake))
    let fifth = try pattern.nextFrame(until: nil, wake: wake)
    #expect((fifth == nil) == true)
    #expect(first.number == 0)
    #expect(second.number == 1)
    #expect(third.number == 2)
    #expect(fourth.number == 3)
  }
}
