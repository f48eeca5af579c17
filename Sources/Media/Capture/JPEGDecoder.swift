// SPDX-License-Identifier: Apache-2.0
private import CJPEG
internal import MediaTypes

/// Decodes the pictures of a camera that sends JPEG; closed when it goes out of scope.
///
/// Baseline pictures with Y, Cb and Cr, or Y alone, and chroma at most twice as coarse as luma; with
/// or without Huffman tables of their own. What must be mended counts as damaged.
@safe struct JPEGDecoder: ~Copyable, @unchecked Sendable {
  /// What became of a picture.
  enum Outcome: Hashable {
    case decoded
    /// Not all of it is there, or not as it was sent.
    case damaged
    /// It is of another size, or of a kind that no camera sends.
    case unsuitable
  }

  private let decoder: OpaquePointer

  /// Opens a decoder; `nil` when there is no memory.
  init?() {
    guard let opened = unsafe cjpeg_open() else { return nil }
    unsafe decoder = opened
  }

  deinit {
    unsafe cjpeg_close(decoder)
  }

  /// Where the samples of a picture of `size` are put: 4:2:0, with room for whole blocks in each line.
  static func layout(_ size: PictureSize) -> PictureLayout {
    PictureLayout(.i420, size: size, stride: (size.width + 31) / 32 * 32)
  }

  /// Decodes `bytes` into `picture`, whose layout is `layout(_:)` of its size.
  ///
  /// After a failure, what `picture` holds is not defined.
  func decode(_ bytes: Span<UInt8>, into picture: inout PictureBuffer) -> Outcome {
    let layout = picture.layout
    precondition(layout == Self.layout(layout.size), "there is room for whole blocks")
    var samples = picture.mutableBytes(0..<layout.byteCount)
    let result = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe samples.withUnsafeMutableBufferPointer { samples in
        var planes = unsafe cjpeg_planes()
        let places = layout.planes
        unsafe planes.start = samples.baseAddress
        unsafe planes.offsets = (places[0].offset, places[1].offset, places[2].offset)
        unsafe planes.strides = (places[0].stride, places[1].stride, places[2].stride)
        unsafe planes.width = UInt32(layout.size.width)
        unsafe planes.height = UInt32(layout.size.height)
        return unsafe cjpeg_decode(decoder, bytes.baseAddress, bytes.count, &planes)
      }
    }
    switch Int(result) {
    case cjpeg_decoded: return .decoded
    case cjpeg_unsuitable: return .unsuitable
    default: return .damaged
    }
  }
}
