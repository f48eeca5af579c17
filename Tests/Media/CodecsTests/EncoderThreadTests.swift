// SPDX-License-Identifier: Apache-2.0
import Codecs
import MediaTypes
import Synchronization
import Testing
import Wire

struct EncoderThreadTests {
  final class Journal: Sendable {
    struct State: Sendable {
      var opened: [EncoderThread.Description] = []
      var frames: [EncodedFrame] = []
      var failures: [CodecError] = []
    }

    let state = Mutex(State())
    let arrival = Wakeup()

    func receive(_ output: EncoderThread.Output) {
      state.withLock { state in
        switch output {
        case .opened(let description): state.opened.append(description)
        case .frame(let frame): state.frames.append(frame)
        case .failed(let error): state.failures.append(error)
        }
      }
      arrival.signal()
    }

    func wait(until isDone: (State) -> Bool) {
      while !state.withLock({ isDone($0) }) { arrival.wait() }
    }
  }

  private func start(
    _ box: LatestFrame<CapturedFrame>,
    _ journal: Journal
  ) throws -> EncoderThread {
    let configuration = VideoEncoderConfiguration(
      size: PictureSize(width: 2, height: 2),
      frameRate: FrameRate(30)
    )
    return try EncoderThread(
      configuration,
      next: { box.next() },
      deliver: { journal.receive($0) }
    )
  }

  @Test func `opens for the first picture, and anew when the size changes; numbers go on`() throws {
    let box = LatestFrame<CapturedFrame>()
    let journal = Journal()
    let thread = try start(box, journal)
    let small = PictureSize(width: 160, height: 90)
    let large = PictureSize(width: 320, height: 180)
    for (round, size) in [small, large].enumerated() {
      var scene = Scene(size)
      for number in 0..<3 {
        box.publish(try scene.frame(number))
        journal.wait { $0.frames.count == round * 3 + number + 1 }
      }
    }
    box.close()
    thread.join()
    journal.state.withLock { state in
      #expect(state.opened.map(\.size) == [small, large])
      #expect(state.opened[0].profileLevelID == [0x42, 0xC0, 31])
      #expect(state.frames.map(\.number) == [0, 1, 2, 3, 4, 5])
      #expect(state.frames.map(\.isKeyframe) == [true, false, false, true, false, false])
      #expect(state.failures.isEmpty)
    }
  }

  @Test func `many requests make one IDR picture, not before its time`() throws {
    let box = LatestFrame<CapturedFrame>()
    let journal = Journal()
    let thread = try start(box, journal)
    var scene = Scene(PictureSize(width: 160, height: 90))
    let first = MediaClock.now
    box.publish(try scene.frame(0))
    journal.wait { $0.frames.count == 1 }
    for _ in 0..<50 { thread.requestKeyframe(.joined) }
    var count = 1
    while journal.state.withLock({ $0.frames.last?.isKeyframe != true || $0.frames.count == 1 }) {
      box.publish(try scene.frame(count))
      count += 1
      journal.wait { $0.frames.count == count }
    }
    #expect(MediaClock.now - first >= .milliseconds(300))
    box.close()
    thread.join()
    #expect(journal.state.withLock { $0.frames.count { $0.isKeyframe } } == 2)
    #expect(thread.keyframeStatistics.requests == 50)
    #expect(thread.keyframeStatistics.shared == 49)
  }

  @Test func `says why it ends`() throws {
    let box = LatestFrame<CapturedFrame>()
    let journal = Journal()
    let thread = try start(box, journal)
    let odd = PictureSize(width: 161, height: 90)
    var scene = Scene(odd)
    box.publish(try scene.frame(0))
    thread.join()
    #expect(journal.state.withLock { $0.failures } == [.sizeUnsuitable(odd)])
  }
}
