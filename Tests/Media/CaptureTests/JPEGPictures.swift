// SPDX-License-Identifier: Apache-2.0
import Wire

/// Pictures of 40x24, green on the left and crimson on the right, without Huffman tables, as many
/// cameras send them.
enum JPEGPictures {
  /// Chroma half as fine in both directions.
  static let coarse = bytes(
    """
    /9j/2wBDAAgGBgcGBwgICAgICAkJCQoKCgkJCQkKCgoKCgoMDAwKCgoKCgoKDAwMDA0ODQ0NDA0ODg8PDxISEREV\
    FRUZGR//wAARCAAYACgDASIAAhEAAxEA/9oADAMBAAIRAxEAPwCnRRRXx58yVrv+D8f6VVq1d/wfj/SqtfSZX/uV\
    L/t//wBOSP1DhL/kR4P/ALjf+pFQKKKK7D2jTooor48/FStd/wAH4/0qrVq7/g/H+lVa+kyv/cqX/b//AKckfqHC\
    X/Ijwf8A3G/9SKgUUUV2HtH/2Q==
    """
  )
  /// Chroma half as fine across, as most cameras send it.
  static let usual = bytes(
    """
    /9j/2wBDAAgGBgcGBwgICAgICAkJCQoKCgkJCQkKCgoKCgoMDAwKCgoKCgoKDAwMDA0ODQ0NDA0ODg8PDxISEREV\
    FRUZGR//wAARCAAYACgDASIAAhIAAxIA/9oADAMBAAIRAxEAPwCnRRRXx4HzIFa7/g/H+lVatXf8H4/0qrX0mV/7\
    lS/7f/8ATkgyv/cqX/b/AP6ckfqHCX/Ijwf/AHG/9SKgcJf8iPB/9xv/AFIqBRRRXYB7QGnRRRXx4H4qBWu/4Px/\
    pVWrV3/B+P8ASqtfSZX/ALlS/wC3/wD05IMr/wBypf8Ab/8A6ckfqHCX/Ijwf/cb/wBSKgcJf8iPB/8Acb/1IqBR\
    RRXYB7QH/9k=
    """
  )
  /// Chroma as fine as luma.
  static let fine = bytes(
    """
    /9j/2wBDAAgGBgcGBwgICAgICAkJCQoKCgkJCQkKCgoKCgoMDAwKCgoKCgoKDAwMDA0ODQ0NDA0ODg8PDxISEREV\
    FRUZGR//wAARCAAYACgDARIAAhIAAxIA/9oADAMBAAIRAxEAPwCnRXx4HzIBRQAAVrv+D8f6UXf8H4/0r2Mi/wCX\
    /wD26GRf8v8A/t0+18Pv+Zh/24Hh9/zMP+3CrRXsAfagFFAABp0V8eB+KgFFAABWu/4Px/pRd/wfj/SvYyL/AJf/\
    APboZF/y/wD+3T7Xw+/5mH/bgeH3/Mw/7cKtFewB9qAUUAAH/9k=
    """
  )
  /// Luma alone.
  static let grey = bytes(
    """
    /9j/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0o\
    MCUoKSj/wAALCAAYACgBAREA/9oACAEBAAA/AM+iqWo/8s/x/pVOitmiqWo/8s/x/pVOitmiqWo/8s/x/pVOiv/Z
    """
  )
  /// The Huffman tables that all of them leave out.
  static let tables = bytes(
    """
    /8QBogAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoLAQADAQEBAQEBAQEBAAAAAAAAAQIDBAUGBwgJCgsQAAIB\
    AwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2\
    Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1\
    tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+hEAAgECBAQDBAcFBAQAAQJ3AAECAxEE\
    BSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldY\
    WVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU\
    1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6
    """
  )

  /// `picture` with its Huffman tables behind its first marker.
  static func withTables(_ picture: [UInt8]) -> [UInt8] {
    picture.prefix(2) + tables + picture.dropFirst(2)
  }

  private static func bytes(_ text: String) -> [UInt8] {
    Text.bytes(base64: text) ?? []
  }
}
