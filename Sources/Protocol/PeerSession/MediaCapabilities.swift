// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import SDP

/// The header extensions that we know.
enum HeaderExtension {
  /// RFC 9143 section 15.1.
  static let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
  /// How long the receiver may hold a picture back.
  static let playoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
}

/// What we offer where there is no offer to answer.
enum MediaCapabilities {
  /// What we can pass on to other viewers: constrained baseline, which every browser decodes.
  static let received = H264Profile(.constrainedBaseline, .level4)
  static let feedback = ["nack", "nack pli", "ccm fir"]

  /// The codecs of a new m-line, the one that is sent first.
  static func codecs(_ kind: MediaKind, sending profile: H264Profile?) -> [CodecDescription] {
    switch kind {
    case .audio:
      return [
        CodecDescription(
          payloadType: 111,
          name: "opus",
          clockRate: 48_000,
          channels: 2,
          parameters: FormatParameters([.init("minptime", "10"), .init("useinbandfec", "1")])
        ),
        redundancy(63, of: 111),
        CodecDescription(payloadType: 0, name: "PCMU", clockRate: 8_000),
        CodecDescription(payloadType: 8, name: "PCMA", clockRate: 8_000),
      ]
    case .video:
      var profiles = [received]
      if let profile, !profile.isCompatible(with: received) {
        profiles.insert(profile, at: 0)
      } else if let profile {
        profiles[0].level = max(profile.level, received.level)
      }
      return zip(profiles, [UInt8(96), 98]).flatMap { profile, payloadType in
        [h264(profile, payloadType), retransmission(payloadType + 1, of: payloadType)]
      }
    }
  }

  /// The header extensions of a new m-line.
  static func extensions(_ kind: MediaKind) -> [ExtensionMap] {
    let mid = ExtensionMap(id: 1, uri: HeaderExtension.mid)
    return kind == .audio ? [mid] : [mid, ExtensionMap(id: 2, uri: HeaderExtension.playoutDelay)]
  }

  static func retransmission(_ payloadType: UInt8, of media: UInt8) -> CodecDescription {
    CodecDescription(
      payloadType: payloadType,
      name: "rtx",
      clockRate: 90_000,
      parameters: FormatParameters([.init("apt", "\(media)")])
    )
  }

  /// Copies of Opus inside later packets, one at a time.
  static func redundancy(_ payloadType: UInt8, of media: UInt8) -> CodecDescription {
    CodecDescription(
      payloadType: payloadType,
      name: "red",
      clockRate: 48_000,
      channels: 2,
      parameters: FormatParameters([.init("\(media)/\(media)", nil)])
    )
  }

  private static func h264(_ profile: H264Profile, _ payloadType: UInt8) -> CodecDescription {
    CodecDescription(
      payloadType: payloadType,
      name: "H264",
      clockRate: 90_000,
      parameters: FormatParameters([
        .init("level-asymmetry-allowed", "1"), .init("packetization-mode", "1"),
        .init("profile-level-id", profile.profileLevelID),
      ]),
      feedback: feedback
    )
  }
}

extension CodecDescription {
  /// Whether this is a codec for `kind` that we can send or pass on: H.264 in packetization mode 1,
  /// Opus, G.711.
  func isMedia(of kind: MediaKind) -> Bool {
    switch kind {
    case .video: packetizationMode == 1 && h264Profile != nil
    case .audio: audioCodec != nil
    }
  }

  /// The codec of sound that this is, as far as we know it.
  var audioCodec: AudioCodec? {
    let codec = AudioCodec.allCases.first { isNamed($0.rawValue) && clockRate == $0.clockRate }
    return codec == .opus || (channels ?? 1) == 1 ? codec : nil
  }
}

extension CodecDescription {
  /// What the parameters of Opus say.
  var opusPreferences: OpusPreferences {
    var result = OpusPreferences()
    result.isStereo = parameters["stereo"] == "1"
    result.usesForwardErrorCorrection = parameters["useinbandfec"] == "1"
    result.skipsSilence = parameters["usedtx"] == "1"
    result.leastPacketTime = parameters["minptime"].flatMap { Int($0) } ?? result.leastPacketTime
    return result
  }
}

extension MediaDescription {
  /// Lets a peer that sends nothing learn the round-trip time from us (RFC 3611 section 5.1).
  static let receiverRoundTripTime = "rtcp-xr:rcvr-rtt=all"

  /// Whether the peer would like to.
  var asksForReceiverRoundTripTime: Bool {
    other.contains { attribute in
      attribute.hasPrefix("rtcp-xr:")
        && attribute.dropFirst(8).split(separator: " ").contains { $0.hasPrefix("rcvr-rtt=") }
    }
  }

  /// The kind of an m-line that carries RTP as we know it.
  var mediaKind: MediaKind? {
    switch kind {
    case .audio where isRTP: .audio
    case .video where isRTP: .video
    default: nil
    }
  }

  /// The number of an extension that may travel in packets with one-byte headers.
  func oneByteExtensionID(_ uri: String) -> UInt8? {
    guard let map = extensions.first(where: { $0.uri == uri }), (1...14).contains(map.id) else {
      return nil
    }
    return UInt8(map.id)
  }
}
