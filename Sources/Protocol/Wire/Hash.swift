// SPDX-License-Identifier: Apache-2.0
private import CMbedTLS

/// Message digests and their keyed forms, by mbedTLS.
public enum Hash {
  /// SHA-1 (FIPS 180-4), 20 bytes; only where a protocol fixes it.
  public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
    unsafe digest(bytes, count: 20) { unsafe cmbedtls_sha1($0, $1, $2) }
  }

  /// SHA-256 (FIPS 180-4): 32 bytes.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    unsafe digest(bytes, count: 32) { unsafe cmbedtls_sha256($0, $1, $2) }
  }

  /// HMAC-SHA1 (RFC 2104) of `bytes` under `key`: 20 bytes.
  public static func hmacSHA1(key: [UInt8], _ bytes: Span<UInt8>) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: 20)
    let status = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe cmbedtls_hmac_sha1(key, key.count, input.baseAddress, input.count, &result)
    }
    precondition(status == 0, "mbedTLS was built without SHA-1")
    return result
  }

  private static func digest(
    _ bytes: [UInt8],
    count: Int,
    by function: (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt8>) -> Int32
  ) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    let status = unsafe function(bytes, bytes.count, &result)
    precondition(status == 0, "mbedTLS was built without this digest")
    return result
  }
}
