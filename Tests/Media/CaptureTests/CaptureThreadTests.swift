// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Synchronization
import Testing

@testable import Capture

struct CaptureThreadTests {
  final class Journal: Sendable {
    let entries = Mutex<[CaptureThread.Status]>([])

    func hasLost(count: Int) -> Bool {
      entries.withLock { entries in
        entries.count { status in
          if case .failed(.deviceGone, _) = status { true } else { false }
        } >= count
      }
    }
  }

  private static let request = CameraRequest(
    size: PictureSize(width: 160, height: 90),
    frameRate: FrameRate(200)
  )

  @Test func `delivers pictures until it is stopped`() throws {
    let journal = Journal()
    let thread = try CaptureThread(.test, Self.request) { status in
      journal.entries.withLock { $0.append(status) }
    }
    for _ in 0..<5 {
      let frame = try required(thread.frames.next())
      #expect(frame.size == PictureSize(width: 160, height: 90))
    }
    thread.stop()
    let after = thread.frames.next()
    #expect((after == nil) == true)
    #expect(thread.statistics.delivered >= 5)
    let format = VideoFormat(
      size: PictureSize(width: 160, height: 90),
      pixelFormat: .i420,
      frameRate: FrameRate(200)
    )
    #expect(journal.entries.withLock { $0 } == [.started(format)])
  }

  @Test func `fails at once when the source cannot be opened`() {
    #expect(throws: CaptureError.fileMissing(path: "/tmp/no-such.y4m")) {
      try CaptureThread(.file(path: "/tmp/no-such.y4m"), Self.request) { _ in }
    }
    #expect(throws: CaptureError.notACamera(path: "/dev/null")) {
      try CaptureThread(.device(path: "/dev/null"), Self.request) { _ in }
    }
    #expect(throws: CaptureError.self) {
      try CaptureThread(.device(path: "/dev/video-none"), Self.request) { _ in }
    }
  }

  @Test func `a source of no pictures can be stopped`() throws {
    let thread = try CaptureThread(.none, Self.request) { _ in }
    thread.stop()
    let frame = thread.frames.next()
    #expect((frame == nil) == true)
  }

  @Test func `a file that ends badly closes the letterbox and says why`() throws {
    let journal = Journal()
    let file = TestFile(y4m(2) + Array("JUNK".utf8))
    let thread = try CaptureThread(.file(path: file.path), Self.request) { status in
      journal.entries.withLock { $0.append(status) }
    }
    while let frame = thread.frames.next() { _ = consume frame }
    thread.stop()
    let last = journal.entries.withLock { $0.last }
    let reason = "has no FRAME where a picture should begin"
    #expect(last == .failed(.fileMalformed(path: file.path, reason: reason), willRetry: false))
  }
}
