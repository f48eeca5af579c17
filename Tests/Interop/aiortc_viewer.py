# SPDX-License-Identifier: Apache-2.0
"""usage: aiortc_viewer.py ORIGIN TOKEN SECONDS    one viewer on a stack that shares nothing with Porthole's: aiortc

Watches by WHEP, decodes every picture, and ends with one line of JSON: pictures, their size, and the milliseconds from the
POST to the first of them.
"""

import asyncio
import json
import sys
import time
import urllib.request

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

PATIENCE = 10


def post(origin, token, offer):
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(f"{origin}/whep", offer.encode(), headers), timeout=10) as answer:
        return answer.read().decode()


async def watch(origin, token, seconds):
    connection = RTCPeerConnection()
    seen = {"pictures": 0, "first": None, "size": None, "seconds": seconds}
    watching = []

    @connection.on("track")
    def on_track(track):
        watching.append(asyncio.ensure_future(take(track)))

    async def take(track):
        try:
            while True:
                picture = await track.recv()
                if seen["first"] is None:
                    seen["first"] = (time.monotonic() - posted) * 1000
                    seen["size"] = [picture.width, picture.height]
                seen["pictures"] += 1
        except MediaStreamError:
            pass

    connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    posted = time.monotonic()
    answer = await asyncio.to_thread(post, origin, token, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.sleep(min(PATIENCE, seconds))
    if not seen["pictures"]:
        sys.exit(f"no picture within {PATIENCE} s: {connection.connectionState}")
    await asyncio.sleep(seconds - min(PATIENCE, seconds))
    await connection.close()
    await asyncio.gather(*watching)
    return seen


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    print(json.dumps(asyncio.run(watch(sys.argv[1], sys.argv[2], float(sys.argv[3])))))
