// SPDX-License-Identifier: Apache-2.0
private import CV4L2
public import MediaTypes
public import Wire

/// The camera that is always there: a moving scene with a clock in it that a page can read back.
///
/// A picture is painted shortly before it is due, when the encoder has given back the one before: it
/// mostly takes that one's memory. The time of day is painted when it is due, as late as can be.
public struct TestPattern: CaptureSource, ~Copyable {
  /// Size, layout and rate.
  public let format: VideoFormat?
  /// What was delivered, and what was skipped while all memory was lent.
  public private(set) var statistics = CaptureStatistics()
  private let pool: PicturePool
  private var scene: TestScene
  private var pacer: FramePacer
  private var number: UInt64 = 0
  private var prepared: PictureBuffer?

  /// Creates a pattern of the wished size, made even, between 80x32 and 4096x2304.
  public init(_ request: CameraRequest = CameraRequest()) {
    let size = PictureSize(
      width: max(80, min(request.size.width, 4096)) / 2 * 2,
      height: max(32, min(request.size.height, 2304)) / 2 * 2
    )
    format = VideoFormat(size: size, pixelFormat: .i420, frameRate: request.frameRate)
    scene = TestScene(size)
    pool = PicturePool(scene.layout)
    pacer = FramePacer(request.frameRate)
  }

  /// Waits for the next picture's time.
  public mutating func nextFrame(
    until deadline: Timestamp?,
    wake: WakeDescriptor
  ) throws(CaptureError) -> CapturedFrame? {
    let due = pacer.due(at: MediaClock.now)
    if prepared == nil {
      let start = due - pacer.interval / 4
      guard wake.wait(until: deadline.earlier(start)) == .timeout, MediaClock.now >= start else {
        return nil
      }
      prepare()
    }
    guard wake.wait(until: deadline.earlier(due)) == .timeout, MediaClock.now >= due else {
      return nil
    }
    pacer.advance()
    let shown = number
    number &+= 1
    // All pictures are lent: the encoder is far behind, and this one is skipped.
    guard var picture = prepared.take() else {
      statistics.superseded &+= 1
      return nil
    }
    statistics.delivered &+= 1
    let captured = MediaClock.now
    let milliseconds = UInt32(truncatingIfNeeded: cv4l2_wall_clock() / 1_000_000)
    var luma = picture.mutablePlane(0)
    PictureClock.paint(milliseconds, row: 0, into: &luma, pool.layout.planes[0])
    return CapturedFrame(
      picture,
      color: ColorDescription(matrix: .bt709),
      captured: captured,
      number: shown
    )
  }

  private mutating func prepare() {
    guard var picture = pool.take() else { return }
    scene.paint(number, into: &picture)
    var luma = picture.mutablePlane(0)
    PictureClock.paint(
      UInt32(truncatingIfNeeded: number),
      row: 1,
      into: &luma,
      pool.layout.planes[0]
    )
    prepared = consume picture
  }
}
