# SPDX-License-Identifier: Apache-2.0
"""usage: aiortc_sound.py CODEC HOST PORT TOKEN HERTZ    a call with sound by aiortc, which is made to offer one codec only

Hears a Porthole's microphone and talks through its speaker, with a tone of HERTZ. When it has heard three seconds, pitch,
level in dBFS and codec of the last of them are printed as one line of JSON. It goes on talking until standard input ends.
"""

import array
import asyncio
import fractions
import json
import math
import sys

import av
from aiortc import AudioStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpsender import RTCRtpSender

from aiortc_call import PATIENCE, Line

RATE = 48000
PIECE = RATE // 50


class Tone(AudioStreamTrack):
    """A sine of a quarter of full scale, at the pace of the clock."""

    def __init__(self, hertz):
        super().__init__()
        self.hertz, self.position, self.began = hertz, 0, None

    async def recv(self):
        now = asyncio.get_running_loop().time()
        self.began = self.began or now
        await asyncio.sleep(self.began + self.position / RATE - now)
        step = 2 * math.pi * self.hertz / RATE
        samples = array.array("h", (round(8192 * math.sin(step * (self.position + index))) for index in range(PIECE)))
        # Of one channel, Opus would get two that are softer by 3 dB.
        samples = array.array("h", (sample for sample in samples for _ in range(2)))
        frame = av.AudioFrame(format="s16", layout="stereo", samples=PIECE)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.position, fractions.Fraction(1, RATE)
        self.position += PIECE
        return frame


def measured(samples, rate):
    """Pitch by the zeros crossed, and the level, where a sine at full scale is 0."""
    rises = [index for index in range(1, len(samples)) if samples[index - 1] < 0 <= samples[index]]
    power = sum(sample * sample for sample in samples) / len(samples)
    return {"frequency": (len(rises) - 1) * rate / (rises[-1] - rises[0]), "level": 10 * math.log10(2 * power / 32768**2)}


async def heard(track):
    samples, rate = array.array("h"), RATE
    while len(samples) < 3 * rate:
        frame = await track.recv()
        rate = frame.sample_rate
        samples.frombytes(bytes(frame.planes[0])[: 2 * frame.samples * len(frame.layout.channels)])
        if len(frame.layout.channels) == 2:
            samples = samples[: len(samples) - 2 * frame.samples] + samples[-2 * frame.samples :: 2]
    return measured(samples[-rate:], rate)


async def call(codec, host, port, token, hertz):
    line = Line()
    await line.open(host, port, token)
    connection = RTCPeerConnection()
    come = asyncio.get_running_loop().create_future()
    connection.on("track", lambda track: come.set_result(track) if track.kind == "audio" else None)
    transceiver = connection.addTransceiver(Tone(hertz), direction="sendrecv")
    known = RTCRtpSender.getCapabilities("audio").codecs
    transceiver.setCodecPreferences([one for one in known if one.mimeType == f"audio/{codec}"])
    connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    local = connection.localDescription
    line.say({"sharing": {transceiver.mid: "talk"}, "offer": {"type": "offer", "sdp": local.sdp}})
    while True:
        told = await line.hear()
        if "answer" in told:
            break
    await connection.setRemoteDescription(RTCSessionDescription(told["answer"]["sdp"], "answer"))
    line.say({"talk": True})
    found = await asyncio.wait_for(heard(await come), PATIENCE)
    codecs = [text.partition(" ")[2] for text in told["answer"]["sdp"].splitlines() if text.startswith("a=rtpmap:")]
    print(json.dumps(found | {"codec": codecs[0]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await connection.close()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    asyncio.run(call(*sys.argv[1:3], int(sys.argv[3]), sys.argv[4], float(sys.argv[5])))
