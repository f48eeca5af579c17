# SPDX-License-Identifier: Apache-2.0
"""usage: aiortc_channels.py ORIGIN TOKEN    data channels by aiortc, which has an SCTP of its own

Opens channels of every kind to a Porthole, sends text and bytes, closes one, and prints what came back as one line of JSON.
"""

import asyncio
import json
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc_viewer import post

PATIENCE = 20


async def talk(origin, token):
    connection = RTCPeerConnection()
    payload = bytes(range(256)) * 64
    channels = [
        connection.createDataChannel("echo"),
        connection.createDataChannel("echo", ordered=False, maxRetransmits=5),
        connection.createDataChannel("echo", maxPacketLifeTime=5000),
    ]
    heard = [asyncio.Queue() for _ in channels]
    closed = asyncio.Event()
    opened = [asyncio.Event() for _ in channels]
    for channel, queue, event in zip(channels, heard, opened):
        channel.on("message", queue.put_nowait)
        channel.on("open", event.set)
    channels[0].on("close", closed.set)
    await connection.setLocalDescription(await connection.createOffer())
    answer = await asyncio.to_thread(post, origin, token, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    found = {"back": 0, "ids": []}
    for channel, queue, event in zip(channels, heard, opened):
        await asyncio.wait_for(event.wait(), PATIENCE)
        found["ids"].append(channel.id)
        for message in ("hello", "ü" * 8192, payload, b"\0", ""):
            channel.send(message)
            found["back"] += await asyncio.wait_for(queue.get(), PATIENCE) == message
    channels[0].close()
    await asyncio.wait_for(closed.wait(), PATIENCE)
    found["state"] = channels[0].readyState
    # The stream can be used again.
    again = connection.createDataChannel("echo")
    queue = asyncio.Queue()
    again.on("message", queue.put_nowait)
    opened = asyncio.Event()
    again.on("open", opened.set)
    if again.readyState != "open":
        await asyncio.wait_for(opened.wait(), PATIENCE)
    again.send("again")
    found["again"] = await asyncio.wait_for(queue.get(), PATIENCE)
    await connection.close()
    return found


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(json.dumps(asyncio.run(talk(sys.argv[1], sys.argv[2]))))
