// SPDX-License-Identifier: Apache-2.0

extension BrowserOffers {
  /// Firefox with a camera, a microphone and a data channel, and with OpenH264 added.
  public static let firefoxCall = carriageReturns(
    """
    v=0
    o=mozilla...THIS_IS_SDPARTA-99.0 4611686018427387904 0 IN IP4 0.0.0.0
    s=-
    t=0 0
    a=fingerprint:sha-256 \
    00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:10:21:32:43:54:65:76:87:98:A9:BA:CB:DC:ED:\
    FE:0F
    a=group:BUNDLE 0 1 2
    a=ice-options:trickle
    a=msid-semantic:WMS *
    m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
    c=IN IP4 0.0.0.0
    a=sendrecv
    a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
    a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
    a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
    a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    a=extmap-allow-mixed
    a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
    a=fmtp:101 0-15
    a=ice-pwd:0123456789abcdef0123456789abcdef
    a=ice-ufrag:a1b2c3d4
    a=mid:0
    a=msid:{00000000-0000-4000-8000-000000000001} {00000000-0000-4000-8000-000000000002}
    a=rtcp-fb:109 transport-cc
    a=rtcp-fb:9 transport-cc
    a=rtcp-fb:0 transport-cc
    a=rtcp-fb:8 transport-cc
    a=rtcp-mux
    a=rtpmap:109 opus/48000/2
    a=rtpmap:9 G722/8000/1
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000/1
    a=setup:actpass
    a=ssrc:1000000001 cname:{00000000-0000-4000-8000-000000000003}
    m=video 9 UDP/TLS/RTP/SAVPF 120 124 121 125 126 127 97 98 105 106 103 104 99 100 123 122 \
    119
    c=IN IP4 0.0.0.0
    a=sendrecv
    a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
    a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
    a=extmap:5 urn:ietf:params:rtp-hdrext:toffset
    a=extmap:6/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
    a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    a=extmap-allow-mixed
    a=fmtp:120 max-fs=12288;max-fr=60
    a=fmtp:124 apt=120
    a=fmtp:121 max-fs=12288;max-fr=60
    a=fmtp:125 apt=121
    a=fmtp:126 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1
    a=fmtp:127 apt=126
    a=fmtp:97 profile-level-id=42e01f;level-asymmetry-allowed=1
    a=fmtp:98 apt=97
    a=fmtp:105 profile-level-id=42001f;level-asymmetry-allowed=1;packetization-mode=1
    a=fmtp:106 apt=105
    a=fmtp:103 profile-level-id=42001f;level-asymmetry-allowed=1
    a=fmtp:104 apt=103
    a=fmtp:100 apt=99
    a=fmtp:119 apt=122
    a=ice-pwd:0123456789abcdef0123456789abcdef
    a=ice-ufrag:a1b2c3d4
    a=mid:1
    a=msid:{00000000-0000-4000-8000-000000000001} {00000000-0000-4000-8000-000000000004}
    a=rtcp-fb:120 nack
    a=rtcp-fb:120 nack pli
    a=rtcp-fb:120 ccm fir
    a=rtcp-fb:120 goog-remb
    a=rtcp-fb:120 transport-cc
    a=rtcp-fb:121 nack
    a=rtcp-fb:121 nack pli
    a=rtcp-fb:121 ccm fir
    a=rtcp-fb:121 goog-remb
    a=rtcp-fb:121 transport-cc
    a=rtcp-fb:126 nack
    a=rtcp-fb:126 nack pli
    a=rtcp-fb:126 ccm fir
    a=rtcp-fb:126 goog-remb
    a=rtcp-fb:126 transport-cc
    a=rtcp-fb:97 nack
    a=rtcp-fb:97 nack pli
    a=rtcp-fb:97 ccm fir
    a=rtcp-fb:97 goog-remb
    a=rtcp-fb:97 transport-cc
    a=rtcp-fb:105 nack
    a=rtcp-fb:105 nack pli
    a=rtcp-fb:105 ccm fir
    a=rtcp-fb:105 goog-remb
    a=rtcp-fb:105 transport-cc
    a=rtcp-fb:103 nack
    a=rtcp-fb:103 nack pli
    a=rtcp-fb:103 ccm fir
    a=rtcp-fb:103 goog-remb
    a=rtcp-fb:103 transport-cc
    a=rtcp-fb:99 nack
    a=rtcp-fb:99 nack pli
    a=rtcp-fb:99 ccm fir
    a=rtcp-fb:99 goog-remb
    a=rtcp-fb:99 transport-cc
    a=rtcp-fb:123 nack
    a=rtcp-fb:123 nack pli
    a=rtcp-fb:123 ccm fir
    a=rtcp-fb:123 goog-remb
    a=rtcp-fb:123 transport-cc
    a=rtcp-fb:122 nack
    a=rtcp-fb:122 nack pli
    a=rtcp-fb:122 ccm fir
    a=rtcp-fb:122 goog-remb
    a=rtcp-fb:122 transport-cc
    a=rtcp-mux
    a=rtcp-rsize
    a=rtpmap:120 VP8/90000
    a=rtpmap:124 rtx/90000
    a=rtpmap:121 VP9/90000
    a=rtpmap:125 rtx/90000
    a=rtpmap:126 H264/90000
    a=rtpmap:127 rtx/90000
    a=rtpmap:97 H264/90000
    a=rtpmap:98 rtx/90000
    a=rtpmap:105 H264/90000
    a=rtpmap:106 rtx/90000
    a=rtpmap:103 H264/90000
    a=rtpmap:104 rtx/90000
    a=rtpmap:99 AV1/90000
    a=rtpmap:100 rtx/90000
    a=rtpmap:123 ulpfec/90000
    a=rtpmap:122 red/90000
    a=rtpmap:119 rtx/90000
    a=setup:actpass
    a=ssrc:1000000002 cname:{00000000-0000-4000-8000-000000000003}
    a=ssrc:1000000003 cname:{00000000-0000-4000-8000-000000000003}
    a=ssrc-group:FID 1000000002 1000000003
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel
    c=IN IP4 0.0.0.0
    a=sendrecv
    a=ice-pwd:0123456789abcdef0123456789abcdef
    a=ice-ufrag:a1b2c3d4
    a=mid:2
    a=setup:actpass
    a=sctp-port:5000
    a=max-message-size:1073741823
    """
  )
}
