// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import SDP

extension Check {
  /// Profiles and levels of H.264.
  static let h264: [Check] = [
    Check("knows every spelling of constrained baseline (RFC 6184 table 5)") {
      for text in ["42e01f", "42E01F", "42c01f", "42401f", "4d801f", "4de01f", "58c01f", "58f01f"] {
        let profile = H264Profile(text)
        try expectEqual(profile?.name, .constrainedBaseline, text)
        try expectEqual(profile?.level, .level3_1, text)
        try expectEqual(profile == H264Profile("42e01f"), true, text)
      }
    },
    Check("tells the profiles of browsers apart") {
      let table: [(String, H264Profile.Name)] = [
        ("42001f", .baseline), ("42801f", .baseline), ("58a01f", .baseline), ("4d001f", .main),
        ("4d401f", .main), ("58001f", .extended), ("64001f", .high), ("640c1f", .constrainedHigh),
        ("6e001f", .high10), ("6e101f", .high10Intra), ("7a001f", .high422),
        ("7a101f", .high422Intra), ("f4001f", .high444), ("f4101f", .high444Intra),
        ("2c101f", .cavlc444Intra),
      ]
      for (text, name) in table { try expectEqual(H264Profile(text)?.name, name, text) }
      for text in ["", "42e01", "42e01f0", "42e0xx", "+2e01f", "-2e01f", "00e01f", "42e0ff"] {
        try expectEqual(H264Profile(text), nil, text)
      }
    },
    Check("reads level 1b in both of its spellings") {
      try expectEqual(H264Profile("42f00b")?.level, .level1b)
      try expectEqual(H264Profile("42e00b")?.level, .level1_1)
      try expectEqual(H264Profile("640009")?.level, .level1b)
      try expectEqual(H264Profile("64000b")?.level, .level1_1)
      try expectEqual(H264Level.level1 < .level1b && .level1b < .level1_1, true)
    },
    Check("prints what it reads, for every profile and level") {
      for name in H264Profile.Name.allCases {
        for level in H264Level.allCases {
          let profile = H264Profile(name, level)
          try expectEqual(H264Profile(profile.profileLevelID), profile, profile.profileLevelID)
        }
      }
      try expectEqual(H264Profile(.constrainedBaseline, .level3_1).profileLevelID, "42e01f")
      try expectEqual(H264Profile(.constrainedHigh, .level5_2).profileLevelID, "640c34")
      try expectEqual(
        H264Profile(.constrainedBaseline, .level4).description,
        "constrained baseline, level 4"
      )
    },
    Check("matches by profile, not by level or spelling") {
      let ours = H264Profile(.constrainedBaseline, .level4)
      for text in ["42e01f", "42c00b", "58f02a"] {
        try expectEqual(H264Profile(text).map(ours.isCompatible), true, text)
      }
      for text in ["42001f", "4d001f", "640c1f"] {
        try expectEqual(H264Profile(text).map(ours.isCompatible), false, text)
        try expectEqual(H264Profile(text)?.decodes(ours), true, text)
      }
      try expectEqual(ours.decodes(H264Profile(.baseline, .level1)), false)
      try expectEqual(H264Profile(.main, .level4).decodes(H264Profile(.high, .level1)), false)
    },
    Check("finds the lowest level for a picture") {
      let table: [(Int, Int, Int, Int, H264Level?)] = [
        (176, 144, 15, 0, .level1), (176, 144, 15, 100, .level1b), (320, 240, 30, 0, .level1_3),
        (640, 480, 30, 0, .level3), (1_280, 720, 30, 2_000, .level3_1),
        (1_280, 720, 30, 16_000, .level3_2), (1_280, 720, 60, 0, .level3_2),
        (1_920, 1_080, 30, 0, .level4), (1_920, 1_080, 60, 0, .level4_2),
        (3_840, 2_160, 30, 0, .level5_1), (16_384, 16, 1, 0, .level6),
        (65_535, 65_535, 30, 0, nil), (0, 16, 30, 0, nil), (16, 16, 0, 0, nil),
      ]
      for (width, height, rate, kilobits, level) in table {
        let found = H264Level.lowest(
          for: PictureSize(width: width, height: height),
          FrameRate(rate),
          .kilobits(kilobits)
        )
        try expectEqual(found, level, "\(width)x\(height) at \(rate)")
      }
    },
    Check("infers baseline, level 1, where the parameter is missing") {
      let codec = CodecDescription(payloadType: 96, name: "h264", clockRate: 90_000)
      try expectEqual(codec.h264Profile, .inferred)
      try expectEqual(codec.packetizationMode, 0)
    },
  ]
}
