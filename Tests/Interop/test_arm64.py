# SPDX-License-Identifier: Apache-2.0
"""What an emulated program can show: it starts, answers, and a browser sees its picture."""

import json

from browser import Viewer, rate, tab, with_clock
from program import Porthole

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 102 103",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:remo",
        "a=ice-pwd:0123456789abcdefghijklmn",
        "a=ice-options:trickle",
        "a=fingerprint:sha-256 " + ":".join(["5A"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtpmap:102 H264/90000",
        "a=rtcp-fb:102 nack",
        "a=rtcp-fb:102 nack pli",
        "a=rtcp-fb:102 ccm fir",
        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "a=rtpmap:103 rtx/90000",
        "a=fmtp:103 apt=102",
        "",
    ]
)


def test_health():
    """the emulated program answers /health"""
    with Porthole("--size", "320x180", patience=60) as porthole:
        status, _, body = porthole.ask("GET", "/health")
        assert status == 200 and json.loads(body)["status"] == "ok", (status, body)


def test_offer():
    """the emulated program answers a WHEP offer"""
    with Porthole("--size", "320x180", patience=60) as porthole:
        status, headers, body = porthole.offer(OFFER)
        answer = body.decode()
        assert status == 201 and headers["Location"], (status, answer)
        assert "a=setup:active" in answer and "m=video 0 " not in answer, answer
        assert "a=candidate:" in answer and "H264/90000" in answer, answer
        assert porthole.ask("DELETE", headers["Location"], token=porthole.token)[0] == 200


def test_picture(browser):
    """a browser sees the emulated program's pictures"""
    with Porthole("--size", "320x180", patience=60) as porthole, tab(browser, porthole.origin + "/health") as page:
        viewer = Viewer(page, porthole.token)
        assert viewer.status == 201, (viewer.status, viewer.answer)
        pictures = viewer.watch(60)
        assert len(with_clock(pictures)) >= 55, pictures
        assert viewer.leave() == 200
        return f"{rate(pictures):.1f} pictures a second under emulation"
