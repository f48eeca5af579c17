// SPDX-License-Identifier: Apache-2.0

/// Who lends picture memory, and wants it back.
public protocol PictureOwner: AnyObject, Sendable {
  /// Takes back the memory lent as `slot`; called once per loan, on any thread.
  func takeBack(_ slot: Int)
}

/// A picture's memory while one owner has it; going out of scope gives it back.
///
/// Not copyable: so whoever has it may write without a lock, and nobody reads a picture that the
/// camera is already overwriting.
public struct PictureBuffer: ~Copyable, Sendable {
  /// Where the planes lie.
  public let layout: PictureLayout
  /// The owner's name for this memory.
  public let slot: Int
  private let memory: PictureMemory
  private let owner: any PictureOwner

  /// Lends `memory`, which must be large enough for `layout`, on behalf of `owner`.
  public init(_ memory: PictureMemory, _ layout: PictureLayout, slot: Int, owner: any PictureOwner)
  {
    precondition(layout.byteCount <= memory.byteCount, "the memory holds the picture")
    self.memory = memory
    self.layout = layout
    self.slot = slot
    self.owner = owner
  }

  deinit {
    owner.takeBack(slot)
  }

  /// The bytes of plane `index`, from its first line to the end of its last one.
  @_lifetime(borrow self)
  public func plane(_ index: Int) -> Span<UInt8> {
    let plane = layout.planes[index]
    let bytes = unsafe UnsafeRawBufferPointer(
      start: memory.start + plane.offset,
      count: plane.byteCount
    )
    return unsafe _overrideLifetime(
      Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)),
      borrowing: self
    )
  }

  /// The bytes of plane `index`, to be written.
  @_lifetime(&self)
  public mutating func mutablePlane(_ index: Int) -> MutableSpan<UInt8> {
    let plane = layout.planes[index]
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      start: memory.start + plane.offset,
      count: plane.byteCount
    )
    return unsafe _overrideLifetime(
      MutableSpan<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)),
      mutating: &self
    )
  }

  /// Bytes of the picture by their place in its memory, to be written.
  @_lifetime(&self)
  public mutating func mutableBytes(_ range: Range<Int>) -> MutableSpan<UInt8> {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= layout.byteCount,
      "the bytes are in the picture"
    )
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      start: memory.start + range.lowerBound,
      count: range.count
    )
    return unsafe _overrideLifetime(
      MutableSpan<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)),
      mutating: &self
    )
  }

  /// Whether every line of plane `index` is made of whole, aligned vectors of `byteCount` bytes.
  public func isVectorised(_ index: Int, byteCount: Int) -> Bool {
    let plane = layout.planes[index]
    let start = unsafe UInt(bitPattern: memory.start + plane.offset)
    return start % UInt(byteCount) == 0 && plane.stride % byteCount == 0
      && plane.width % byteCount == 0
  }

  /// The lines of plane `index` as vectors of sixteen 16-bit words, low byte first.
  ///
  /// The plane must be vectorised for 32 bytes.
  @_lifetime(borrow self)
  public func words(_ index: Int) -> Span<SIMD16<UInt16>> {
    precondition(isVectorised(index, byteCount: 32), "lines are made of whole vectors")
    let plane = layout.planes[index]
    let start = unsafe (memory.start + plane.offset)
      .assumingMemoryBound(to: SIMD16<UInt16>.self)
    return unsafe _overrideLifetime(
      Span(_unsafeStart: start, count: plane.stride * plane.height / 32),
      borrowing: self
    )
  }

  /// The lines of plane `index` as vectors of sixteen bytes, to be written.
  ///
  /// The plane must be vectorised for 16 bytes.
  @_lifetime(&self)
  public mutating func mutableVectors(_ index: Int) -> MutableSpan<SIMD16<UInt8>> {
    precondition(isVectorised(index, byteCount: 16), "lines are made of whole vectors")
    let plane = layout.planes[index]
    let start = unsafe (memory.start + plane.offset)
      .assumingMemoryBound(to: SIMD16<UInt8>.self)
    return unsafe _overrideLifetime(
      MutableSpan(_unsafeStart: start, count: plane.stride * plane.height / 16),
      mutating: &self
    )
  }
}
