# SPDX-License-Identifier: Apache-2.0
"""usage: gstreamer.py FIFO [BITRATE]    the same scene by GStreamer's webrtcbin, for `make bench`

One x264 encode and one payloader for all viewers, a webrtcbin each, answered over POST /whep, so that the client of client.js
watches it unchanged. Debian's GStreamer, under Debian's /usr/bin/python3. Prints its address, then serves until SIGTERM.
"""

import http.server
import re
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

# The encoder's settings are those of Porthole and of x264 alone; a FIFO gives at most 1 MiB at once.
PIPELINE = """
  filesrc location={path} blocksize=1048576 ! y4mdec ! queue max-size-buffers=1 leaky=downstream
  ! x264enc tune=zerolatency speed-preset=ultrafast threads=1 bitrate={kilobits} vbv-buf-capacity=1000 key-int-max=1000000000
  ! video/x-h264,profile=constrained-baseline
  ! rtph264pay name=payloader ssrc={ssrc} mtu=1200 config-interval=-1 aggregate-mode=zero-latency ! tee name=viewers allow-not-linked=true
"""
SSRC = 0x5EED
PATIENCE = 10


def payload_type(offer):
    """The offer's number for constrained baseline in fragmented packets; the fallback is any H.264."""
    kinds = re.findall(r"^a=rtpmap:(\d+) H264/90000", offer, re.MULTILINE)
    for kind in kinds:
        format_line = re.search(rf"^a=fmtp:{kind} (.*)$", offer, re.MULTILINE)
        if format_line and "packetization-mode=1" in format_line[1] and "profile-level-id=42e01f" in format_line[1]:
            return int(kind)
    return int(kinds[0])


class Server:
    """The pipeline, and a webrtcbin for each viewer."""

    def __init__(self, path, bits):
        self.pipeline = Gst.parse_launch(PIPELINE.format(path=path, kilobits=bits // 1000, ssrc=SSRC))
        self.payloader = self.pipeline.get_by_name("payloader")
        self.viewers = self.pipeline.get_by_name("viewers")
        self.sessions = {}
        self.count = 0
        self.lock = threading.Lock()

    def join(self, offer):
        """A new viewer: its number and its complete answer."""
        with self.lock:
            number = self.count
            self.count += 1
            kind = payload_type(offer)
            self.payloader.set_property("pt", kind)
            # The first viewer starts the pipeline: its number for H.264 must stand before the payloader's first packet.
            self.pipeline.set_state(Gst.State.PLAYING)
            queue = Gst.ElementFactory.make("queue")
            queue.set_property("leaky", 2)
            peer = Gst.ElementFactory.make("webrtcbin")
            peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
            for element in (queue, peer):
                self.pipeline.add(element)
            # The SSRC that the answer tells is the one of these caps: a browser shows no other.
            caps = Gst.Caps.from_string(
                "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,packetization-mode=(string)1"
                f",payload={kind},ssrc=(uint){SSRC}"
            )
            queue.link_filtered(peer, caps)
            transceiver = peer.emit("get-transceiver", 0)
            transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
            transceiver.set_property("do-nack", True)
            for element in (peer, queue):
                element.sync_state_with_parent()
            self.sessions[number] = (queue, peer)
        answer = self.negotiate(peer, offer)
        with self.lock:
            self.viewers.request_pad_simple("src_%u").link(queue.get_static_pad("sink"))
        return number, answer

    @staticmethod
    def negotiate(peer, offer):
        """Offer in, answer with every candidate out."""
        gathered = threading.Event()

        def watch(element, _):
            if element.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
                gathered.set()

        peer.connect("notify::ice-gathering-state", watch)
        result, message = GstSdp.SDPMessage.new_from_text(offer)
        if result != GstSdp.SDPResult.OK:
            raise ValueError("the offer cannot be read")
        remote = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.OFFER, message)
        peer.emit("set-remote-description", remote, asked := Gst.Promise.new())
        asked.wait()
        # The answer belongs to the reply, which must therefore outlive it.
        peer.emit("create-answer", None, answered := Gst.Promise.new())
        answered.wait()
        reply = answered.get_reply()
        answer = reply.get_value("answer")
        peer.emit("set-local-description", answer, settled := Gst.Promise.new())
        settled.wait()
        for candidate in re.findall(r"^a=(candidate:.*?)\r?$", offer, re.MULTILINE):
            peer.emit("add-ice-candidate", 0, candidate)
        if not gathered.wait(PATIENCE):
            raise TimeoutError("candidates were not gathered")
        return peer.get_property("local-description").sdp.as_text()

    def leave(self, number):
        with self.lock:
            queue, peer = self.sessions.pop(number)
            sink = queue.get_static_pad("sink")
            source = sink.get_peer()
            source.unlink(sink)
            self.viewers.release_request_pad(source)
            for element in (queue, peer):
                element.set_state(Gst.State.NULL)
                self.pipeline.remove(element)


class Routes(http.server.BaseHTTPRequestHandler):
    """POST /whep, DELETE /whep/N, and an empty page for a tab to stand on."""

    protocol_version = "HTTP/1.1"
    server_version = "bench"

    def do_GET(self):
        self.reply(200, "text/plain", "ok")

    def do_POST(self):
        offer = self.rfile.read(int(self.headers["Content-Length"])).decode()
        number, answer = self.server.pipelines.join(offer)
        self.reply(201, "application/sdp", answer, Location=f"/whep/{number}")

    def do_DELETE(self):
        self.server.pipelines.leave(int(self.path.rpartition("/")[2]))
        self.reply(200, "text/plain", "")

    def reply(self, status, kind, text, **headers):
        body = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing of each request."""


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    Gst.init(None)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Routes)
    server.daemon_threads = True
    server.pipelines = Server(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 2_000_000)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
