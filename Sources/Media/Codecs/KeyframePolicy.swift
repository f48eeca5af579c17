// SPDX-License-Identifier: Apache-2.0
public import Wire

/// When an IDR picture is made for those who ask for one, so that many who ask cannot flood the
/// link.
///
/// The first request is answered by the next picture. Two IDR pictures are never closer than
/// 300 ms; a bucket of three, refilled by one a second, bounds them in the long run. Whoever asks
/// within 100 ms after an IDR picture shares it, unless they joined after it.
public struct KeyframePolicy: Hashable, Sendable {
  /// Why a picture is needed that a decoder can start at.
  public enum Request: Hashable, Sendable {
    /// A viewer that was there lost something: the newest IDR picture may be on its way to it.
    case lost
    /// A viewer has come and has no picture at all.
    case joined
  }

  /// How requests were answered.
  public struct Statistics: Hashable, Sendable {
    /// Requests that came.
    public var requests: UInt64 = 0
    /// Requests that an earlier IDR picture, or one already due, answered.
    public var shared: UInt64 = 0
  }

  /// The least time between two IDR pictures.
  public static let spacing = Duration.milliseconds(300)
  /// How long after an IDR picture it answers requests.
  public static let sharing = Duration.milliseconds(100)
  /// How many IDR pictures may come as fast as `spacing` allows.
  public static let burst = 3
  /// How long it takes until the bucket has one more.
  public static let refill = Duration.seconds(1)

  /// How requests were answered.
  public private(set) var statistics = Statistics()
  private var isWanted = false
  private var last: Timestamp?
  private var tokens = KeyframePolicy.burst
  private var refilled: Timestamp?

  /// Creates a policy that has seen nothing.
  public init() {}

  /// Takes a request.
  public mutating func receive(_ request: Request, at now: Timestamp) {
    statistics.requests &+= 1
    if isWanted {
      statistics.shared &+= 1
    } else if request == .lost, let last, now - last < Self.sharing {
      statistics.shared &+= 1
    } else {
      isWanted = true
    }
  }

  /// Whether the picture that is about to be encoded shall be an IDR picture.
  public mutating func shouldForce(at now: Timestamp) -> Bool {
    fill(now)
    guard isWanted, tokens > 0 else { return false }
    guard let last else { return true }
    return now - last >= Self.spacing
  }

  /// How long a request made at `now` would wait at least; zero when the next picture answers it.
  public func delay(at now: Timestamp) -> Duration {
    var copy = self
    copy.fill(now)
    var wait = Duration.zero
    if let last { wait = max(wait, Self.spacing - (now - last)) }
    if copy.tokens == 0, let refilled = copy.refilled {
      wait = max(wait, Self.refill - (now - refilled))
    }
    return wait
  }

  /// Counts an IDR picture that was made, for whatever reason.
  public mutating func advance(afterKeyframeAt now: Timestamp) {
    fill(now)
    isWanted = false
    last = now
    tokens = max(0, tokens - 1)
  }

  private mutating func fill(_ now: Timestamp) {
    guard let refilled else {
      self.refilled = now
      return
    }
    let earned = (now - refilled).inNanoseconds / Self.refill.inNanoseconds
    guard earned > 0 else { return }
    tokens = min(Self.burst, tokens + Int(min(earned, Int64(Self.burst))))
    self.refilled =
      tokens == Self.burst ? now : refilled + .nanoseconds(earned * Self.refill.inNanoseconds)
  }
}
