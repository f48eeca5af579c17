# SPDX-License-Identifier: Apache-2.0
"""Debian's Firefox, headless and without the internet, on a page that runs a script and tells what came of it."""

import contextlib
import http.server
import json
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading

CHANNELS = (pathlib.Path(__file__).parent / "channels.js").read_text()
PAGE = """<!doctype html><meta charset="utf-8"><script>{library}</script><script>
(async () => {{ {script} }})().then((found) => ({{ found }}), (error) => ({{ error: String(error) }}))
  .then((result) => fetch("/result", {{ method: "POST", body: JSON.stringify(result) }}));
</script>"""
PREFERENCES = {
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.autoplay.blocking_policy": 0,
    "media.autoplay.default": 0,
    "media.gmp-manager.url": "",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Stage(http.server.BaseHTTPRequestHandler):
    """The page, the way to a Porthole's /whep, and the result."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200, "text/html", self.server.page if self.path == "/" else "")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/result":
            self.server.results.put(json.loads(body))
            return self.reply(200, "text/plain", "")
        status, _, answer = self.server.porthole.offer(body)
        self.reply(status, "application/sdp", answer.decode())

    def reply(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing of each request."""


@contextlib.contextmanager
def _browser(address):
    with tempfile.TemporaryDirectory(prefix="firefox-") as home:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (pathlib.Path(home) / "user.js").write_text("\n".join(lines) + "\n")
        program = shutil.which("firefox-esr")
        assert program, "firefox-esr is not installed"
        child = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", home, address],
            env=dict(os.environ, HOME=home, XDG_RUNTIME_DIR=home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def firefox(porthole, script, patience=120):
    """What `script`, the body of an async function beside channels.js, returns in Firefox."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stage)
    server.daemon_threads = True
    server.porthole, server.results = porthole, queue.Queue()
    server.page = PAGE.format(library=CHANNELS, script=script)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with _browser(f"http://127.0.0.1:{server.server_address[1]}/"):
            result = server.results.get(timeout=patience)
    finally:
        server.shutdown()
        server.server_close()
    assert "found" in result, result
    return result["found"]
