// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct Y4MSourceTests {
  /// What a capture thread does with a file.
  private func open(_ path: String) throws(CaptureError) -> Y4MSource {
    var source = Y4MSource(try InputFile(path: path))
    try source.readHeader(wake: WakeDescriptor())
    return source
  }

  @Test func `plays a file at its rate, and again from its start`() throws {
    let file = TestFile(y4m(3, rate: "200:1"))
    var source = try open(file.path)
    let size = PictureSize(width: 32, height: 16)
    #expect(
      source.format == VideoFormat(size: size, pixelFormat: .i420, frameRate: FrameRate(200))
    )
    let wake = try WakeDescriptor()
    let start = MediaClock.now
    for number in 0..<8 {
      guard let frame = try source.nextFrame(until: nil, wake: wake) else {
        Issue.record("no frame \(number)")
        return
      }
      #expect(frame.number == UInt64(number))
      #expect(frame.picture.plane(0)[0] == UInt8(number % 3 + 1))
      #expect(frame.picture.plane(2)[7] == UInt8(number % 3 + 1))
    }
    #expect(MediaClock.now - start >= .milliseconds(34))
  }

  @Test func `drops an incomplete last picture of a file`() throws {
    let file = TestFile(Array(y4m(2).dropLast(5)))
    var source = try open(file.path)
    let wake = try WakeDescriptor()
    for _ in 0..<3 {
      let frame = try required(source.nextFrame(until: nil, wake: wake))
      #expect(frame.picture.plane(0)[0] == 1)
    }
  }

  @Test func `says what is wrong with a file`() throws {
    let wake = try WakeDescriptor()
    #expect(throws: CaptureError.fileMissing(path: "/tmp/no-such.y4m")) {
      _ = try open("/tmp/no-such.y4m").format
    }
    let empty = TestFile([])
    #expect(throws: CaptureError.self) { _ = try open(empty.path).format }
    let text = TestFile(Array("hello, this is text".utf8))
    #expect(
      throws: CaptureError.fileMalformed(path: text.path, reason: "does not begin with YUV4MPEG2")
    ) { _ = try open(text.path).format }
    let headerOnly = TestFile(y4m(0))
    #expect(throws: CaptureError.self) {
      var source = try open(headerOnly.path)
      _ = try source.nextFrame(until: nil, wake: wake)?.number
    }
    #expect(throws: CaptureError.self) { _ = try open("/tmp").format }
  }

  @Test func `takes from a FIFO what comes, and tells when its writer has gone`() throws {
    let fifo = TestFile()
    var source = Y4MSource(try InputFile(path: fifo.path), firstNumber: 5)
    let wake = try WakeDescriptor()
    let nothing = try source.nextFrame(until: MediaClock.now, wake: wake)
    #expect((nothing == nil) == true)
    let writer = try required(MediaThread(name: "writer") { fifo.append(y4m(2)) })
    for number in 0..<2 {
      let frame = try required(source.nextFrame(until: nil, wake: wake))
      #expect(frame.picture.plane(0)[0] == UInt8(number + 1))
      #expect(frame.number == UInt64(number + 5))
    }
    writer.join()
    #expect(throws: CaptureError.streamEnded(path: fifo.path)) {
      _ = try source.nextFrame(until: nil, wake: wake)?.number
    }
  }

  @Test func `a wake ends the wait for a writer`() throws {
    let fifo = TestFile()
    var source = Y4MSource(try InputFile(path: fifo.path))
    let wake = try WakeDescriptor()
    wake.signal()
    let frame = try source.nextFrame(until: nil, wake: wake)
    #expect((frame == nil) == true)
  }
}
