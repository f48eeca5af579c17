// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// What the C library says about an errno.
func systemErrorText(_ code: Int32) -> String {
  var text = [CChar](repeating: 0, count: 96)
  unsafe clinux_error_text(code, &text, text.count)
  let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return String(decoding: bytes, as: UTF8.self)
}
