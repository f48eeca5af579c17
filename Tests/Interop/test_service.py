# SPDX-License-Identifier: Apache-2.0
"""The routes and the command line, without a browser."""

import json
import os
import signal
import socket
import tempfile

from program import TOKEN, Porthole, refuse


def test_health():
    """/health needs no token and says that the program is well"""
    with Porthole() as porthole:
        status, headers, body = porthole.ask("GET", "/health")
        assert status == 200 and json.loads(body)["status"] == "ok", (status, body)
        assert headers["Content-Type"].startswith("application/json"), headers["Content-Type"]


def test_tokens():
    """every other route refuses a missing and a wrong token"""
    routes = [("GET", "/"), ("GET", "/porthole.js"), ("GET", "/stats"), ("POST", "/whep"), ("DELETE", "/whep/1"), ("PATCH", "/whep/1"), ("GET", "/ws")]
    with Porthole() as porthole:
        for method, path in routes:
            for token in (None, "wrong", ""):
                body = "v=0\r\n" if method in ("POST", "PATCH") else None
                status, _, _ = porthole.ask(method, path, body, token=token, Content_Type="application/sdp")
                assert status == 401, f"{method} {path} with token {token!r} answered {status}"
        assert porthole.viewers() == 0


def test_token_becomes_cookie():
    """?token= is answered with a cookie and a redirect to the clean address"""
    with Porthole() as porthole:
        status, headers, _ = porthole.ask("GET", f"/?token={TOKEN}")
        assert status in (302, 303, 307), status
        assert headers["Location"] == "/", headers["Location"]
        cookie = headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie, cookie
        status, _, _ = porthole.ask("GET", "/", Cookie=cookie.split(";")[0])
        assert status == 200, status
        status, headers, _ = porthole.ask("GET", "/?token=wrong")
        assert status == 401 and headers["Set-Cookie"] is None, (status, headers["Set-Cookie"])


def test_options():
    """OPTIONS on /whep says what it accepts"""
    with Porthole() as porthole:
        status, headers, _ = porthole.ask("OPTIONS", "/whep", token=TOKEN)
        assert status in (200, 204), status
        assert "application/sdp" in (headers["Accept-Post"] or ""), headers.items()


def test_bad_requests():
    """what is no offer is refused with the fitting status"""
    with Porthole() as porthole:
        status, _, _ = porthole.offer("nonsense")
        assert status == 400, status
        status, _, _ = porthole.ask("POST", "/whep", "v=0\r\n", token=TOKEN, Content_Type="text/plain")
        assert status == 415, status
        status, _, _ = porthole.offer("v=0\r\n" + "a=x\r\n" * 30_000)
        assert status in (400, 413), status
        status, _, _ = porthole.ask("GET", "/nowhere", token=TOKEN)
        assert status == 404, status
        status, _, _ = porthole.ask("PUT", "/stats", "x", token=TOKEN)
        assert status == 405, status
        assert porthole.viewers() == 0


def sentence(said):
    """What the program said: one sentence on one line, with a full stop."""
    said = said.strip()
    assert len(said.splitlines()) == 1 and said[-1] in ".?" and len(said) < 250, said
    return said.lower()


def test_bad_flags():
    """wrong usage is one clear sentence and exit code 2"""
    for words in (["--bogus", "x"], ["--rate", "fast"], ["--size", "12"], ["--listen", "nowhere"], ["frobnicate"]):
        status, said = refuse(*words)
        assert status == 2, f"{words}: {status}\n{said}"
        assert words[0].lstrip("-") in sentence(said), f"{words}: {said}"


def test_busy_port():
    """a busy port is one clear sentence and exit code 1"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = refuse("--camera", "test", "--listen", f"127.0.0.1:{port}", "--token", TOKEN)
    assert status == 1, f"{status}\n{said}"
    assert str(port) in sentence(said), said
    return said.strip()


def test_missing_camera():
    """a camera, or a file, that is not there is one clear sentence and exit code 1"""
    for camera in ("/dev/video97", "file:/nowhere.y4m"):
        status, said = refuse("--camera", camera, "--listen", "127.0.0.1:0", "--token", TOKEN)
        assert status == 1, f"{status}\n{said}"
        assert camera.removeprefix("file:") in sentence(said), said
    return said.strip()


def test_unknown_format():
    """a file that is no video is one clear sentence and exit code 1"""
    with tempfile.NamedTemporaryFile(suffix=".y4m") as file:
        file.write(os.urandom(4096))
        file.flush()
        status, said = refuse("--camera", f"file:{file.name}", "--listen", "127.0.0.1:0", "--token", TOKEN)
    assert status == 1, f"{status}\n{said}"
    assert os.path.basename(file.name).lower() in sentence(said), said


def test_interrupt():
    """Control-C ends the program in good order, even while somebody listens"""
    with Porthole() as porthole, socket.create_connection((porthole.host, porthole.port)):
        porthole.process.send_signal(signal.SIGINT)
        assert porthole.process.wait(5) == 0
