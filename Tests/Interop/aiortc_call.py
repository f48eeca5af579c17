# SPDX-License-Identifier: Apache-2.0
"""usage: aiortc_call.py offers|answers HOST PORT TOKEN PICTURES    a call by aiortc, whose ICE, DTLS and SRTP are its own

Sends pictures to a Porthole and takes its camera's over /ws, in either role, until so many have been decoded; they and
the state are printed as one line of JSON. It goes on sending until standard input ends.
"""

import asyncio
import base64
import json
import os
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp

PATIENCE = 60


class Line:
    """A WebSocket, as far as texts go (RFC 6455)."""

    async def open(self, host, port, token):
        self.reader, self.writer = await asyncio.open_connection(host, port)
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write(
            f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head

    def say(self, message):
        text = json.dumps(message).encode()
        mask = os.urandom(4)
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
        self.writer.write(b"\x81" + size + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(text)))

    async def hear(self):
        while True:
            kind, size = await self.reader.readexactly(2)
            if size >= 126:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            body = await self.reader.readexactly(size)
            if kind == 0x81:
                return json.loads(body)


async def call(role, host, port, token, pictures):
    line = Line()
    await line.open(host, port, token)
    connection = RTCPeerConnection()
    seen = {"pictures": 0, "size": None}
    enough = asyncio.Event()
    tasks = []

    async def take(track):
        while True:
            picture = await track.recv()
            seen["pictures"] += 1
            seen["size"] = [picture.width, picture.height]
            if seen["pictures"] >= pictures:
                enough.set()

    connection.on("track", lambda track: tasks.append(asyncio.ensure_future(take(track))) if track.kind == "video" else None)

    def say_local():
        local = connection.localDescription
        line.say({local.type: {"type": local.type, "sdp": local.sdp}})

    async def converse():
        while True:
            for name, value in (await line.hear()).items():
                if name in ("offer", "answer"):
                    await connection.setRemoteDescription(RTCSessionDescription(value["sdp"], name))
                if name == "offer":
                    await connection.setLocalDescription(await connection.createAnswer())
                    say_local()
                if name == "candidate" and value and value["candidate"]:
                    candidate = candidate_from_sdp(value["candidate"].partition(":")[2])
                    candidate.sdpMid, candidate.sdpMLineIndex = value.get("sdpMid"), value.get("sdpMLineIndex")
                    await connection.addIceCandidate(candidate)

    connection.addTrack(VideoStreamTrack())
    if role == "offers":
        await connection.setLocalDescription(await connection.createOffer())
        say_local()
    else:
        line.say({"call": {}})
    tasks.append(asyncio.ensure_future(converse()))
    done = asyncio.ensure_future(enough.wait())
    await asyncio.wait([done, *tasks], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        if task.done():
            task.result()
    print(json.dumps(seen | {"state": connection.connectionState}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await connection.close()


if __name__ == "__main__":
    if len(sys.argv) != 6 or sys.argv[1] not in ("offers", "answers"):
        sys.exit(__doc__)
    asyncio.run(call(*sys.argv[1:3], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])))
