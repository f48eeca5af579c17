// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import Codecs
internal import EventLoop
internal import MediaTypes
internal import Synchronization

/// Where the threads of a camera and its encoder leave what the loop is to fetch.
final class SourceMailbox: @unchecked Sendable {
  enum Post {
    case camera(CaptureThread.Status)
    case encoder(EncoderThread.Output)
  }

  /// Posts that may wait when the loop is late; past them the oldest frames go, and a viewer that
  /// misses a frame waits for the next IDR picture.
  private static let maximumPosts = 64

  private let posts = Mutex<[Post]>([])
  private let rate = Mutex<FrameRate?>(nil)
  /// Set once, before the threads that post exist.
  var signal: LoopSignal?

  func post(_ status: CaptureThread.Status) {
    if case .started(let format) = status { rate.withLock { $0 = format.frameRate } }
    add(.camera(status))
  }

  func post(_ output: EncoderThread.Output) {
    add(.encoder(output))
  }

  /// Everything posted since the last call, in order.
  func take() -> [Post] {
    posts.withLock { posts in
      defer { posts = [] }
      return posts
    }
  }

  /// Tells an encoder the rate at which its pictures come: the camera's, not the one wished for.
  func prepare(_ configuration: inout VideoEncoderConfiguration) {
    if let rate = rate.withLock({ $0 }) { configuration.frameRate = rate }
  }

  private func add(_ post: Post) {
    posts.withLock { posts in
      if posts.count >= Self.maximumPosts {
        let oldest = posts.firstIndex { if case .encoder(.frame) = $0 { true } else { false } }
        posts.remove(at: oldest ?? 0)
      }
      posts.append(post)
    }
    signal?.trigger()
  }
}
