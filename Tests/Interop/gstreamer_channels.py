# SPDX-License-Identifier: Apache-2.0
"""usage: gstreamer_channels.py serve | call ORIGIN TOKEN    data channels by GStreamer's webrtcbin, whose SCTP is usrsctp

`serve` answers offers over POST /whep and sends back what comes on every channel; it prints its address, then serves until
SIGTERM. `call` opens a channel `echo` to a Porthole, sends text and bytes, closes it, and prints what came back as one line of
JSON. Debian's GStreamer, under Debian's /usr/bin/python3.
"""

import http.server
import json
import re
import sys
import threading
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

PATIENCE = 20


class Peer:
    """One webrtcbin with nothing but data channels."""

    def __init__(self):
        self.pipeline = Gst.Pipeline()
        self.element = Gst.ElementFactory.make("webrtcbin")
        self.element.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipeline.add(self.element)
        self.gathered = threading.Event()
        self.element.connect("notify::ice-gathering-state", self.look)
        self.element.connect("on-data-channel", self.echo)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.channels = []

    def look(self, element, _):
        if element.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self.gathered.set()

    def echo(self, _, channel):
        self.channels.append(channel)
        channel.connect("on-message-string", lambda one, text: one.emit("send-string", text))
        channel.connect("on-message-data", lambda one, data: one.emit("send-data", data))

    def describe(self, what):
        """Creates an offer or an answer, puts it in force: its text with every candidate."""
        self.element.emit(f"create-{what}", None, asked := Gst.Promise.new())
        asked.wait()
        # The description belongs to the reply, which must therefore outlive it.
        reply = asked.get_reply()
        self.element.emit("set-local-description", reply.get_value(what), settled := Gst.Promise.new())
        settled.wait()
        if not self.gathered.wait(PATIENCE):
            raise TimeoutError("candidates were not gathered")
        return self.element.get_property("local-description").sdp.as_text()

    def take(self, kind, text):
        result, message = GstSdp.SDPMessage.new_from_text(text)
        if result != GstSdp.SDPResult.OK:
            raise ValueError("the description cannot be read")
        remote = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        self.element.emit("set-remote-description", remote, settled := Gst.Promise.new())
        settled.wait()
        for candidate in re.findall(r"^a=(candidate:.*?)\r?$", text, re.MULTILINE):
            self.element.emit("add-ice-candidate", 0, candidate)

    def end(self):
        self.pipeline.set_state(Gst.State.NULL)


class Routes(http.server.BaseHTTPRequestHandler):
    """POST /whep, and an empty page for a tab to stand on."""

    protocol_version = "HTTP/1.1"
    server_version = "bench"

    def do_GET(self):
        self.reply(200, "text/plain", "ok")

    def do_POST(self):
        peer = Peer()
        self.server.peers.append(peer)
        peer.take(GstWebRTC.WebRTCSDPType.OFFER, self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.reply(201, "application/sdp", peer.describe("answer"), Location="/whep/0")

    def reply(self, status, kind, text, **headers):
        body = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing of each request."""


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Routes)
    server.daemon_threads = True
    server.peers = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    GLib.MainLoop().run()


def call(origin, token):
    heard = []
    came, opened, closed = threading.Semaphore(0), threading.Event(), threading.Event()

    def note(text, data):
        heard.append({"text": text, "length": len(text if data is None else data.get_data()), "whole": data is None or data.get_data() == payload})
        came.release()

    payload = bytes(range(256)) * 64
    peer = Peer()
    channel = peer.element.emit("create-data-channel", "echo", None)
    channel.connect("on-open", lambda _: opened.set())
    channel.connect("on-close", lambda _: closed.set())
    channel.connect("on-message-string", lambda _, text: note(text, None))
    channel.connect("on-message-data", lambda _, data: note(None, data))
    offer = peer.describe("offer")
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(f"{origin}/whep", offer.encode(), headers), timeout=PATIENCE) as answer:
        peer.take(GstWebRTC.WebRTCSDPType.ANSWER, answer.read().decode())
    found = {"opened": opened.wait(PATIENCE)}
    for text in ("hello", "ü" * 8192):
        channel.emit("send-string", text)
        assert came.acquire(timeout=PATIENCE), "the text did not come back"
    channel.emit("send-data", GLib.Bytes.new(payload))
    assert came.acquire(timeout=PATIENCE), "the bytes did not come back"
    channel.emit("close")
    found["closed"] = closed.wait(PATIENCE)
    found["heard"] = heard
    peer.end()
    print(json.dumps(found), flush=True)


def main():
    Gst.init(None)
    if sys.argv[1:] == ["serve"]:
        return serve()
    if len(sys.argv) == 4 and sys.argv[1] == "call":
        return call(*sys.argv[2:])
    sys.exit(__doc__)


if __name__ == "__main__":
    main()
