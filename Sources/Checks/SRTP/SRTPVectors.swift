// SPDX-License-Identifier: Apache-2.0
internal import SRTP
private import Wire

/// Packets under the master key and salt of RFC 3711 appendix B.3.
///
/// The protected forms come from an independent implementation (AES and HMAC of another library, its
/// key derivation checked against B.3), and a third one agreed with it byte for byte.
enum SRTPVectors {
  /// A plain packet and its protected form.
  struct Pair: Sendable {
    let plain: [UInt8]
    let protected: [UInt8]

    init(_ plain: String, _ protected: String) {
      self.plain = Text.bytes(hex: plain) ?? []
      self.protected = Text.bytes(hex: protected) ?? []
    }
  }

  static let material = SRTPKeyingMaterial(
    masterKey: Text.bytes(hex: "E1F97A0D3E018BE0D64FA32C06DE4139") ?? [],
    masterSalt: Text.bytes(hex: "0EC675AD498AFEEBB6960B3AABE6") ?? []
  )

  /// Sequence number 65535, then 0 with the rollover counter at 1, then another source with two
  /// CSRCs and a header extension.
  static let rtp = [
    Pair(
      "800fffffdecafbadcafebabeabababababababababababababababab",
      "800fffffdecafbadcafebabef36e96fc87ac01758cea5f94ba171db81149c9c49efa93c1b483"
    ),
    Pair(
      "800f0000decafbadcafebabeabababababababababababababababab",
      "800f0000decafbadcafebabe24ecf92d9c97bf2ac679b796fdfd365a267beecdc56456590e62"
    ),
    Pair(
      "92e012340000000101020304000000090000000abede0001103000000001020304050607"
        + "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627",
      "92e012340000000101020304000000090000000abede000110300000a4ab3aae8688cf57"
        + "09e24c6303baf5dd528444aeeba0537da57e94e36f2694c9e7690739f3f371bdb6b5f660f8cf5e065fee"
    ),
  ]

  private static let compound =
    "80c80006cafebabe000102030405060708090a0b0c0d0e0f1011121381ca0003cafebabe0104616263640000"

  /// The same compound packet with SRTCP index 1, then 2.
  static let rtcp = [
    Pair(
      compound,
      "80c80006cafebabeda82aaf34b2914111d5a31e15ed1000c6e55013940de2d24555b4197"
        + "14b15a03a3129a3e8000000139894c4e0ffa0accc82e"
    ),
    Pair(
      compound,
      "80c80006cafebabec9b39d4230d6217671371205b57e19fb84e184a495e499981c38c53b"
        + "83cf62ab89e9fbcc800000023512ed65ad44579f1a17"
    ),
  ]

  /// Authentic under the same keys, but not encrypted: E = 0.
  static let clear = Pair(compound, compound + "00000001" + "25446dec553c0c0b0430").protected

  /// An RTP packet of `source` with `payload` bytes of 0x5A.
  static func packet(_ sequence: UInt16, source: UInt32 = 0xA1A2_A3A4, payload: Int = 20) -> [UInt8]
  {
    var bytes: [UInt8] = [0x80, 96]
    bytes.append(bigEndian: sequence)
    bytes.append(bigEndian: UInt32(sequence) &* 90)
    bytes.append(bigEndian: source)
    bytes += [UInt8](repeating: 0x5A, count: payload)
    return bytes
  }

  /// What `sender` makes of `plain` in a buffer of 2,048 bytes; `nil` when it refuses.
  static func protect(
    _ plain: [UInt8],
    by sender: inout SRTPSender,
    isControl: Bool = false
  ) -> [UInt8]? {
    var count: Int?
    let buffer = InlineArray<2048, UInt8> { slot in
      for byte in plain.prefix(2048) { slot.append(byte) }
      let isProtected = isControl ? sender.protectControl(&slot) : sender.protect(&slot)
      if isProtected { count = slot.count }
      while !slot.isFull { slot.append(0) }
    }
    guard let count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in 0..<count { bytes.append(buffer[index]) }
    return bytes
  }
}
