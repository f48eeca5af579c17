// SPDX-License-Identifier: Apache-2.0
private import Glibc
internal import MediaTypes
internal import Wire

/// Chooses the quantizer of each picture so that a stream keeps its bitrate.
///
/// It never sees the encoder: it is told what a picture looks like before, and how many bits it took
/// afterwards. What is over the bitrate waits in a leaky bucket, and the fuller that is, the less of
/// the bitrate a picture may take. A picture that is new, or an IDR picture, may take more at once.
struct RateController: Hashable, Sendable {
  /// What is known of a picture before it is encoded.
  struct Picture: Hashable, Sendable {
    /// Whether it will be an IDR picture.
    var isKeyframe: Bool
    /// Seconds since the picture before.
    var interval: Double
    /// How it looks.
    var impression: PictureSketch.Impression
  }

  /// What a picture that refers to the one before took.
  private struct Measure: Hashable, Sendable {
    /// Bits, in octaves.
    var level = 0.0
    /// Pictures since then.
    var age = 1000
  }

  /// The finest quantizer: finer ones would spend a bitrate on noise that nobody sees.
  static let finest = 20
  /// The coarsest one; above 51, x264 also takes noise away.
  static let coarsest = 59
  /// What an IDR picture may take, as seconds of bitrate.
  static let keyframeSeconds = 0.33
  /// What a picture may take that is new without being an IDR picture.
  static let cutSeconds = 0.25
  /// What was left over of the bitrate and may be used later, as seconds of it.
  private static let credit = 0.1
  /// How far above its share a picture may be expected, as a factor.
  private static let tolerance = 1.19
  /// The most steps that the quantizer takes at once to finer ones, and to coarser ones.
  private static let steps = (finer: 6, coarser: 10)

  private var bitrate: Double
  private let samples: Double
  private let buffer: Double
  private var interval: Double
  /// Bits in the bucket; below zero for bitrate that is left over.
  private var fill = 0.0
  /// The share of changed samples that movement and noise always bring.
  private var usualChange = 0.0
  /// How much more an intra picture took than its detail lets expect, in octaves.
  private var surprise = 0.0
  /// What pictures take at `reference`, in octaves of bits; `nil` before the scene has been measured.
  private var level: Double?
  private var reference = 0
  /// What pictures last took at each quantizer.
  private var measures = [Measure](repeating: Measure(), count: coarsest + 1)
  /// The finest quantizer that the whole picture has been encoded with.
  private var refined = Double(coarsest)
  private var isFirst = true
  private var picture = Picture(
    isKeyframe: true,
    interval: 0,
    impression: PictureSketch.Impression(change: 1, detail: SIMD8())
  )
  /// The share of the present picture that cannot refer to the one before.
  private var novelty = 1.0
  /// The quantizer of the present picture.
  private var quantizer = coarsest

  /// A controller for pictures of so many samples of luma.
  ///
  /// - Parameters:
  ///   - bitrate: bits per second.
  ///   - frameRate: pictures per second, until their times tell.
  ///   - samples: width times height.
  ///   - buffer: what the bucket holds, as seconds of bitrate.
  init(bitrate: Int, frameRate: Double, samples: Int, buffer: Double) {
    self.bitrate = Double(max(1000, bitrate))
    self.samples = Double(max(1, samples))
    self.buffer = max(0.1, buffer)
    interval = 1 / max(1, frameRate)
  }

  /// A controller for what an encoder is opened for.
  init(_ configuration: VideoEncoderConfiguration) {
    self.init(
      bitrate: configuration.bitrate.bitsPerSecond,
      frameRate: configuration.frameRate.perSecond,
      samples: configuration.size.width * configuration.size.height,
      buffer: configuration.buffer.inSeconds
    )
  }

  /// Changes the bitrate from the next picture on.
  mutating func setBitrate(_ bitrate: Int) {
    self.bitrate = Double(max(1000, bitrate))
    // An old burst must not starve a stream that has become slow.
    fill = min(fill, self.bitrate * buffer / 3)
  }

  /// The quantizer for the next picture, of which `record` is then to be told.
  ///
  /// `nil` when the bucket is full, or half full at the coarsest: the picture is better left out.
  mutating func quantizer(for next: Picture) -> Int? {
    picture = next
    let passed = next.interval > 0 ? min(1, next.interval) : 0
    interval += (max(interval / 2, min(interval * 2, passed)) - interval) / 8
    fill = max(fill - bitrate * passed, -bitrate * Self.credit)
    // Where no coarser one is left, waiting longer would not help.
    guard fill < bitrate * buffer / (quantizer == Self.coarsest ? 2 : 1) else { return nil }
    let change = next.impression.change
    let isIntra = next.isKeyframe || isFirst
    novelty = isIntra ? 1 : unusual(change)
    usualChange += (change - usualChange) / (change > usualChange ? 2 : 16)
    quantizer = isIntra ? keyframeQuantizer() : interQuantizer()
    return quantizer
  }

  /// Learns how many bits the picture took.
  mutating func record(bits: Int) {
    let taken = Double(max(8, bits))
    fill += taken
    let intra = intraBits(quantizer)
    let isCut = !picture.isKeyframe && novelty > 0.5 && taken > 0.4 * intra * novelty
    if picture.isKeyframe || isFirst || isCut {
      surprise += 0.8 * max(-4, min(4, log2(taken / (intra * novelty))))
      refined = Double(quantizer)
      if isFirst || isCut { forget() }
    } else {
      // What moved may look new, and yet have referred to the picture before.
      learn(log2(max(taken - novelty * intra, taken / 8)))
    }
    isFirst = false
  }

  // MARK: Choosing

  /// How much of the picture is new beyond what movement and noise always bring.
  private func unusual(_ change: Double) -> Double {
    let excess = change - 1.5 * usualChange - 0.02
    return max(0, min(1, 2 * excess / max(0.1, 1 - usualChange)))
  }

  /// The part of the bucket that is free; above 1 while bitrate is left over.
  private var room: Double { 1 - fill / (bitrate * buffer) }

  private func keyframeQuantizer() -> Int {
    let bits = bitrate * Self.keyframeSeconds * max(0.3, min(1, room))
    var wished = isFirst ? Self.finest : quantizer
    while wished < Self.coarsest, intraBits(wished) > bits { wished += 1 }
    return wished
  }

  private func interQuantizer() -> Int {
    let share = bitrate * interval * max(0.2, min(1.5, room))
    let most = bitrate * Self.cutSeconds * max(0.2, min(1, room))
    let goal = (share + novelty * max(0, most - share)) * Self.tolerance
    // What is new, or was new in the picture before, begins no finer than that.
    let isNew = level == nil || novelty > 0.3
    var wished = max(Self.finest, quantizer - (isNew ? 0 : Self.steps.finer))
    let last = isNew ? Self.coarsest : min(Self.coarsest, quantizer + Self.steps.coarser)
    while wished < last, expectedBits(wished) > goal { wished += 1 }
    return wished
  }

  /// Bits that a picture takes at `wished` which refers to the one before where it is not new.
  private func expectedBits(_ wished: Int) -> Double {
    let intra = intraBits(wished)
    var old = level.map { exp2(expected($0, wished)) } ?? 0
    // What has never been encoded so finely is encoded as a whole again.
    if quantizer - wished > 1 {
      old = max(old, intra * max(0, min(1, (refined - Double(wished)) / 6)))
    }
    return (1 - novelty) * old + novelty * intra
  }

  /// Octaves of bits at `wished`, when they were `level` at `reference`.
  private func expected(_ level: Double, _ wished: Int) -> Double {
    let measure = measures[wished]
    let steps = Double(wished - reference)
    if steps < 0 {
      // Where noise begins to be encoded, each step may double the bits; mostly it takes six.
      return max(level - steps - 0.6, measure.level - Double(measure.age) / 20)
    }
    let usual = level - steps / 4
    return measure.age < 15 ? min(usual, measure.level) : usual
  }

  // MARK: Learning

  private mutating func learn(_ taken: Double) {
    for index in measures.indices { measures[index].age &+= 1 }
    measures[quantizer] = Measure(level: taken, age: 0)
    refined = min(Double(quantizer), refined + 0.5)
    if let known = level, reference == quantizer {
      level = known + (taken > known ? 0.8 : 0.4) * (taken - known)
    } else {
      level = taken
    }
    reference = quantizer
  }

  /// The scene is another: what was measured is of no use.
  private mutating func forget() {
    level = nil
    for index in measures.indices { measures[index] = Measure() }
  }

  // MARK: Intra pictures

  /// Bits that an intra picture takes at `quantizer`.
  private func intraBits(_ quantizer: Int) -> Double {
    // Octaves from the quantizer's step to a difference of 1.5, the middle of the first octave of detail.
    let first = log2(1.5 / 0.625) - Double(quantizer) / 6
    var density = 0.026
    for octave in picture.impression.detail.indices {
      density += picture.impression.detail[octave] * Self.density(first + Double(octave))
    }
    // What a scene had less than usual, the next may have again.
    let isCut = novelty > 0.3 && !picture.isKeyframe
    return samples * density * exp2(isCut ? max(surprise, surprise / 4) : surprise)
  }

  /// Bits for a pair of samples, by octaves from the quantizer's step to their difference.
  ///
  /// Fitted to x264's `ultrafast` on pictures of seven kinds, rather too high than too low.
  private static func density(_ octaves: Double) -> Double {
    let points = densities.span
    let place = max(0, min(Double(points.count) - 1.001, octaves + 6))
    let index = Int(place)
    return points[index] + (points[index + 1] - points[index]) * (place - Double(index))
  }

  /// From six octaves below the step to three above.
  private static let densities = [0.007, 0.016, 0.035, 0.08, 0.18, 0.64, 3.1, 8, 11, 13]
}
