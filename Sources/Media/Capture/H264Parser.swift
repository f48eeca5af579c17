// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// One picture of an H.264 stream, as it is to be sent.
struct H264AccessUnit: Hashable {
  /// The NAL units one after another.
  var bytes: [UInt8] = []
  /// Where each lies in `bytes`.
  var nalUnits: [Range<Int>] = []
  /// Whether it is an IDR picture, with its parameter sets in front.
  var isKeyframe = false
  /// When its first bytes came.
  var began = Timestamp.zero
}

/// Cuts a byte stream with start codes (H.264 annex B) into pictures, without decoding them.
///
///     | AUD | SPS | PPS | SEI | IDR slice | IDR slice | AUD | slice | …
///                             '---- one picture ------'
///
/// A picture ends where a NAL unit begins that can only be of the next one (section 7.4.1.2.3): types
/// 6 to 9 and 14 to 18, or a slice that starts at the first macroblock. Delimiters, SEI and filler
/// are left out; each IDR picture gets its parameter sets, whether the stream repeats them or not.
/// Pictures before the first IDR picture are counted and dropped. At most a few megabytes are kept.
struct H264Parser {
  /// Why a stream cannot be played, to be read after the file's name.
  struct Malformed: Error, Hashable {
    var reason: String
  }

  /// Bytes that a picture may have.
  static let maximumBytes = 4 << 20
  /// Slices that a picture may have.
  static let maximumSlices = 1024
  /// Bytes that a parameter set may have.
  static let maximumSetBytes = 1024
  /// Picture parameter sets that are kept.
  static let maximumSets = 16

  /// What the present IDR picture's sequence parameter set says; `nil` before the first one.
  private(set) var format: EncodedVideoFormat?
  /// Pictures that no decoder could have shown: before an IDR picture, or with a broken slice.
  private(set) var dropped: UInt64 = 0

  private var stream: [UInt8] = []
  private var start: Int?
  private var scanned = 0
  private var hasEnded = false
  private var now = Timestamp.zero
  /// When the start codes of the NAL unit that was cut last, and of the next one, came.
  private var unitBegan = Timestamp.zero
  private var nextBegan = Timestamp.zero

  private var unit = H264AccessUnit()
  private var pictureSet = 0
  private var isBroken = false
  private var isWaiting = true
  private var sequenceSets: [Int: [UInt8]] = [:]
  private var pictureSets: [Int: PictureSet] = [:]
  private var changedSets: [[UInt8]] = []
  private var active: [UInt8] = []

  private struct PictureSet: Hashable {
    var sequenceSet: Int
    var bytes: [UInt8]
  }

  /// Takes what was read at `now`; call `next` until it answers `nil` before the next call.
  mutating func receive(_ bytes: [UInt8], at now: Timestamp) throws(Malformed) {
    self.now = now
    guard stream.count <= Self.maximumBytes else {
      throw Malformed(reason: "has a NAL unit of more than 4 megabytes")
    }
    stream.append(contentsOf: bytes)
  }

  /// Says that no more will come before the stream begins anew: what is there is complete.
  mutating func end() {
    hasEnded = true
  }

  /// The next complete picture; `nil` when more must be read first, or all is read after `end`.
  mutating func next() throws(Malformed) -> H264AccessUnit? {
    while let range = nextUnit() {
      let unit = stream[range]
      if let complete = try take(unit) { return complete }
    }
    let cut = hasEnded ? stream.count : start ?? max(0, stream.count - 3)
    stream.removeFirst(cut)
    scanned = max(0, scanned - cut)
    if start != nil { start = 0 }
    guard hasEnded else { return nil }
    hasEnded = false
    // The stream may begin anew, and then not with what follows this picture.
    defer { isWaiting = true }
    return try finish()
  }

  /// Where the next whole NAL unit lies, zero bytes after it left out.
  private mutating func nextUnit() -> Range<Int>? {
    while true {
      let first = start
      var end: Int
      if let code = startCode() {
        end = code
        start = code + 3
        scanned = code + 3
      } else if hasEnded, start != nil {
        end = stream.count
        start = nil
      } else {
        return nil
      }
      unitBegan = nextBegan
      nextBegan = now
      guard let first else { continue }
      while end > first, stream[end - 1] == 0 { end -= 1 }
      if end > first { return first..<end }
    }
  }

  /// The offset of the next 00 00 01, remembering how far was looked.
  private mutating func startCode() -> Int? {
    var index = scanned + 2
    while index < stream.count {
      // The third byte decides how far one may leap: over 1 there is no code in these three.
      let third = stream[index]
      if third == 1, stream[index - 1] == 0, stream[index - 2] == 0 { return index - 2 }
      index += third == 0 ? 1 : 3
    }
    scanned = max(scanned, stream.count - 2)
    return nil
  }

  /// Takes one NAL unit; answers the picture that it ends.
  private mutating func take(_ nalUnit: ArraySlice<UInt8>) throws(Malformed) -> H264AccessUnit? {
    guard let header = nalUnit.first else { return nil }
    guard header & 0x80 == 0 else {
      isBroken = true
      return nil
    }
    switch header & 31 {
    case 1, 5: return try take(slice: nalUnit, isIDR: header & 31 == 5)
    case 6...9, 14...18:
      let complete = try finish()
      if header & 31 == 7 { take(sequenceSet: Array(nalUnit)) }
      if header & 31 == 8 { take(pictureSet: Array(nalUnit)) }
      return complete
    default: return nil
    }
  }

  private mutating func take(
    slice: ArraySlice<UInt8>,
    isIDR: Bool
  ) throws(Malformed) -> H264AccessUnit? {
    let head = Array(slice.dropFirst().prefix(16))
    var reader = BitReader(head.span)
    guard let first = reader.readUnsigned(), let type = reader.readUnsigned(upTo: 9),
      let set = reader.readUnsigned(upTo: 255)
    else {
      isBroken = true
      return nil
    }
    guard type % 5 != 1 else {
      throw Malformed(reason: "has B-pictures, which browsers show too late")
    }
    var complete: H264AccessUnit?
    if !unit.nalUnits.isEmpty, first == 0 || unit.isKeyframe != isIDR { complete = try finish() }
    guard unit.nalUnits.count < Self.maximumSlices,
      unit.bytes.count + slice.count <= Self.maximumBytes
    else { throw Malformed(reason: "has a picture of more than 4 megabytes or 1,024 slices") }
    if unit.nalUnits.isEmpty {
      unit.isKeyframe = isIDR
      unit.began = unitBegan
      pictureSet = set
    }
    let place = unit.bytes.count
    unit.bytes.append(contentsOf: slice)
    unit.nalUnits.append(place..<unit.bytes.count)
    return complete
  }

  private mutating func take(sequenceSet bytes: [UInt8]) {
    guard bytes.count <= Self.maximumSetBytes, let set = H264SequenceParameterSet(bytes.span) else {
      return
    }
    sequenceSets[set.id] = bytes
  }

  private mutating func take(pictureSet bytes: [UInt8]) {
    let head = Array(bytes.dropFirst().prefix(16))
    var reader = BitReader(head.span)
    guard bytes.count <= Self.maximumSetBytes, let id = reader.readUnsigned(upTo: 255),
      let sequenceSet = reader.readUnsigned(upTo: 31),
      pictureSets[id] != nil || pictureSets.count < Self.maximumSets
    else { return }
    let set = PictureSet(sequenceSet: sequenceSet, bytes: bytes)
    guard pictureSets[id] != set else { return }
    pictureSets[id] = set
    if changedSets.count < Self.maximumSets { changedSets.append(bytes) }
  }

  /// Ends the picture, and puts in front what a decoder needs to know before it.
  private mutating func finish() throws(Malformed) -> H264AccessUnit? {
    guard !unit.nalUnits.isEmpty else {
      // A picture of which no slice could be read is lost; the one after it is not.
      if isBroken {
        isBroken = false
        isWaiting = true
        dropped &+= 1
      }
      return nil
    }
    let picture = unit
    let wasBroken = isBroken
    let changed = changedSets
    unit = H264AccessUnit()
    isBroken = false
    changedSets = []
    if picture.isKeyframe, !wasBroken, let set = pictureSets[pictureSet],
      let sequenceSet = sequenceSets[set.sequenceSet]
    {
      try activate(sequenceSet)
      isWaiting = false
      let sets = pictureSets.sorted { $0.key < $1.key }.map(\.value)
      return Self.prefixed(
        picture,
        [sequenceSet] + sets.filter { $0.sequenceSet == set.sequenceSet }.map(\.bytes)
      )
    }
    guard !isWaiting, !picture.isKeyframe, !wasBroken else {
      isWaiting = true
      dropped &+= 1
      return nil
    }
    return Self.prefixed(picture, changed)
  }

  private static func prefixed(_ picture: H264AccessUnit, _ sets: [[UInt8]]) -> H264AccessUnit {
    guard !sets.isEmpty else { return picture }
    var whole = picture
    whole.bytes = []
    whole.nalUnits = []
    for set in sets {
      whole.nalUnits.append(whole.bytes.count..<whole.bytes.count + set.count)
      whole.bytes.append(contentsOf: set)
    }
    let place = whole.bytes.count
    whole.nalUnits += picture.nalUnits.map { $0.lowerBound + place..<$0.upperBound + place }
    whole.bytes.append(contentsOf: picture.bytes)
    return whole
  }

  /// Looks at the parameter set of an IDR picture: whether a browser can show what follows.
  private mutating func activate(_ bytes: [UInt8]) throws(Malformed) {
    guard bytes != active, let set = H264SequenceParameterSet(bytes.span) else { return }
    guard [66, 77, 100].contains(set.profileLevelID[0]), set.hasCommonSamples else {
      throw Malformed(reason: "is of an H.264 profile that browsers do not show")
    }
    guard set.isProgressive else { throw Malformed(reason: "is interlaced") }
    active = bytes
    format = EncodedVideoFormat(
      size: set.size,
      frameRate: set.frameRate ?? FrameRate(30),
      profileLevelID: set.profileLevelID
    )
  }
}
