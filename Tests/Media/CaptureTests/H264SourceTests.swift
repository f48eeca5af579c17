// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Synchronization
import Testing
import Wire

@testable import Capture

struct H264SourceTests {
  /// What a capture thread delivers and tells.
  private final class Journal: Sendable {
    let frames = Mutex<[EncodedFrame]>([])
    let entries = Mutex<[CaptureThread.Status]>([])
    let arrival = Wakeup()

    func start(_ path: String) throws -> CaptureThread {
      try CaptureThread(
        .file(path: path),
        CameraRequest(),
        deliver: { frame in
          self.frames.withLock { $0.append(frame) }
          self.arrival.signal()
        },
        report: { status in
          self.entries.withLock { $0.append(status) }
          self.arrival.signal()
        }
      )
    }

    func wait(frames count: Int) {
      while frames.withLock({ $0.count }) < count { arrival.wait() }
    }
  }

  private static let format = EncodedVideoFormat(
    size: PictureSize(width: 640, height: 360),
    frameRate: FrameRate(400, per: 2),
    profileLevelID: [66, 0xC0, 30]
  )

  @Test func `plays a file at its rate, and again from its start`() throws {
    let file = TestFile(H264Streams.play(4, group: 4), suffix: ".h264")
    let journal = Journal()
    let start = MediaClock.now
    let thread = try journal.start(file.path)
    journal.wait(frames: 9)
    thread.stop()
    #expect(MediaClock.now - start >= .milliseconds(39))
    let frames = journal.frames.withLock { $0.prefix(9) }
    #expect(frames.map(\.number) == Array(0..<9))
    #expect(frames.map(\.isKeyframe) == (0..<9).map { $0 % 4 == 0 })
    #expect(frames.allSatisfy { $0.nalUnits.count == ($0.isKeyframe ? 3 : 1) })
    #expect(frames.map { $0.bytes[$0.bytes.count - 2] } == (0..<9).map { $0 % 4 + 1 })
    #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.captured < $1.captured })
    #expect(journal.entries.withLock { $0 } == [.startedEncoded(Self.format)])
    #expect(!thread.hasWriter)
    #expect(thread.statistics.delivered >= 9)
  }

  @Test func `a FIFO's streams may be of both kinds, one after another`() throws {
    let fifo = TestFile()
    let journal = Journal()
    let thread = try journal.start(fifo.path)
    #expect(thread.hasWriter)
    let writer = try required(
      MediaThread(name: "writer") { fifo.append(H264Streams.play(3, group: 3)) }
    )
    // The last one is complete when the writer has gone.
    journal.wait(frames: 3)
    writer.join()
    let raw = try required(MediaThread(name: "writer") { fifo.append(y4m(2)) })
    let picture = try required(thread.frames.next())
    #expect(picture.size == PictureSize(width: 32, height: 16))
    raw.join()
    thread.stop()
    let started = journal.entries.withLock { $0 }
    let rawFormat = VideoFormat(
      size: PictureSize(width: 32, height: 16),
      pixelFormat: .i420,
      frameRate: FrameRate(240)
    )
    #expect(started == [.startedEncoded(Self.format), .started(rawFormat)])
  }

  @Test func `says at once what is wrong with a file`() {
    func error(_ bytes: [UInt8]) -> (file: TestFile, found: CaptureError?) {
      let file = TestFile(bytes, suffix: ".h264")
      do throws(CaptureError) {
        _ = try CaptureThread(.file(path: file.path), CameraRequest()) { _ in }
        return (file, nil)
      } catch {
        return (file, error)
      }
    }
    func expect(_ bytes: [UInt8], _ reason: String) {
      let (file, found) = error(bytes)
      #expect(found == .fileMalformed(path: file.path, reason: reason))
    }
    expect([], "is empty")
    expect([0, 0], "begins neither with YUV4MPEG2 nor with a start code of H.264")
    expect(Array("RIFF1234".utf8), "begins neither with YUV4MPEG2 nor with a start code of H.264")
    let none = "holds no IDR picture with its parameter sets before it"
    expect(H264Streams.stream([H264Streams.slice(), H264Streams.slice()]), none)
    expect(H264Streams.stream([H264Streams.slice(isIDR: true)]), none)
    let head = [H264Streams.sequenceSet(), H264Streams.pictureSet()]
    expect(
      H264Streams.stream(head + [H264Streams.slice(isIDR: true), H264Streams.slice(type: 1)]),
      "has B-pictures, which browsers show too late"
    )
  }
}
