# SPDX-License-Identifier: Apache-2.0
"""HTTPS beside HTTP on one port: Chromium that trusts the board's authority, openssl, and clients that mean ill."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from browser import FLAGS, rate, tab, with_clock
from program import TOKEN, Porthole, refuse

NAME = socket.gethostname().lower() + ".local"
SUITES = ["AES128-GCM-SHA256", "CHACHA20-POLY1305", "AES256-GCM-SHA384"]


def openssl(*words, stdin=""):
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, text=True, timeout=30)


def request(folder, name, key="ec"):
    """A key, and the request for a certificate of it: paths."""
    secret, asked = pathlib.Path(folder, f"{name}.key"), pathlib.Path(folder, f"{name}.csr")
    kind = ["-newkey", key] + (["-pkeyopt", "ec_paramgen_curve:prime256v1"] if key == "ec" else [])
    done = openssl("req", "-new", *kind, "-nodes", "-keyout", secret, "-out", asked, "-subj", f"/CN={name}")
    assert done.returncode == 0, done.stderr
    return secret, asked


def signed(asked, names, *words):
    """The certificate that was asked for, for `names`: its path."""
    extra, certificate = asked.with_suffix(".cnf"), asked.with_suffix(".crt")
    extra.write_text(f"subjectAltName={names}\n")
    done = openssl("x509", "-req", "-in", asked, "-extfile", extra, "-out", certificate, *words)
    assert done.returncode == 0, done.stderr
    return certificate


def made(folder, name, key="ec", days=30, names="DNS:localhost,IP:127.0.0.1"):
    """A certificate signed by its own key, and that key: paths."""
    secret, asked = request(folder, name, key)
    return signed(asked, f"DNS:{name},{names}", "-signkey", secret, "-days", str(days)), secret


def authority(porthole, folder):
    """The board's own authority, as anybody can fetch it."""
    status, headers, body = porthole.ask("GET", "/ca.crt")
    assert status == 200 and headers["Content-Type"] == "application/x-x509-ca-cert", (status, headers.items())
    path = pathlib.Path(folder, "ca.crt")
    path.write_bytes(body)
    return path


def client(porthole, *words, name="localhost"):
    """What openssl says of a handshake."""
    done = openssl("s_client", "-connect", f"127.0.0.1:{porthole.port}", "-servername", name, *words)
    return done.stdout + done.stderr


def secure(porthole, ca, name="127.0.0.1"):
    """A connection by TLS that believes `ca` only."""
    plain = socket.create_connection((porthole.host, porthole.port), timeout=20)
    return ssl.create_default_context(cafile=ca).wrap_socket(plain, server_hostname=name)


def ask(line, path, close=True):
    """One request on a connection that stands."""
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{'Connection: close' if close else 'A: b'}\r\n\r\n".encode())
    answer = b""
    while part := line.recv(65536):
        answer += part
        if not close and b"\r\n\r\n" in answer:
            break
    return answer


@contextlib.contextmanager
def trusting(browser, ca=None):
    """Chromium with a certificate store of its own, in which `ca` was installed as people do it."""
    with tempfile.TemporaryDirectory(prefix="porthole-") as home:
        store = pathlib.Path(home, ".pki/nssdb")
        store.mkdir(parents=True)
        subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
        if ca:
            subprocess.run(["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "porthole", "-i", ca], check=True)
        own = browser.browser_type.launch(
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
            env=dict(os.environ, HOME=home),
        )
        try:
            yield own
        finally:
            own.close()


def test_from_http_to_https(browser):
    """the page by HTTP leads to the page by HTTPS: a secure context with a picture, a camera and a microphone"""
    with Porthole() as porthole, tempfile.TemporaryDirectory() as folder:
        with trusting(browser, authority(porthole, folder)) as own, tab(own) as page:
            page.goto(f"http://{NAME}:{porthole.port}/?token={TOKEN}")
            page.wait_for_selector("[data-state=live]")
            assert page.url.startswith("http:") and not page.evaluate("isSecureContext"), page.url
            page.click("#secure a")
            fingerprint = page.inner_text("#fingerprint")
            assert fingerprint.encode() in porthole.output, (fingerprint, porthole.output)
            page.click(f"text=https://{NAME}:{porthole.port}/trust")
            assert page.evaluate("isSecureContext")
            page.click("text=Open the picture")
            page.wait_for_selector("[data-state=live]")
            assert page.url == f"https://{NAME}:{porthole.port}/" and page.is_hidden("#secure"), page.url
            pictures = page.wait_for_selector("video").evaluate("(video) => interop.pictures(video, 60)")
            kinds = page.evaluate(
                "navigator.mediaDevices.getUserMedia({ audio: true, video: true })"
                ".then((stream) => stream.getTracks().map(({ kind, readyState }) => `${kind} ${readyState}`).sort())"
            )
            assert kinds == ["audio live", "video live"], kinds
            page.click("#camera")
            page.wait_for_selector("#camera[aria-pressed=true]")
            assert not page.faults, page.faults
            assert len(with_clock(pictures)) > 50, f"the clock was readable in {len(with_clock(pictures))} of 60 pictures"
            return f"{rate(pictures):.1f} pictures a second"


def test_cookies(browser):
    """by HTTPS the token is kept in a cookie of its own, which pages by HTTP neither see nor overwrite"""
    with Porthole() as porthole, tempfile.TemporaryDirectory() as folder:
        with trusting(browser, authority(porthole, folder)) as own, tab(own) as page:
            page.goto(f"https://{NAME}:{porthole.port}/?token={TOKEN}")
            page.wait_for_selector("[data-state=live]")
            found = {cookie["name"]: cookie for cookie in page.context.cookies()}
            assert list(found) == ["__Host-porthole"] and found["__Host-porthole"]["secure"], found
            assert page.goto(f"http://{NAME}:{porthole.port}/").status == 401
            page.goto(f"http://{NAME}:{porthole.port}/?token={TOKEN}")
            page.wait_for_selector("[data-state=live]")
            assert {cookie["name"] for cookie in page.context.cookies()} == {"porthole", "__Host-porthole"}


def test_without_trust(browser):
    """Chromium refuses a board whose authority was not installed, and the program counts it"""
    with Porthole() as porthole, trusting(browser) as own, tab(own) as page:
        try:
            page.goto(f"https://{NAME}:{porthole.port}/")
            raise AssertionError("it was believed")
        except Exception as error:
            assert "ERR_CERT_AUTHORITY_INVALID" in str(error), error
        end = time.monotonic() + 20
        while not porthole.stats()["http"]["handshakesFailed"]:
            assert time.monotonic() < end, porthole.stats()["http"]
            time.sleep(0.05)


def test_one_port():
    """HTTP and HTTPS come in by one port, and give the same bytes"""
    with Porthole("--token", "none") as porthole, tempfile.TemporaryDirectory() as folder:
        ca = authority(porthole, folder)
        for path in ("/health", "/porthole.js", "/trust.css"):
            status, _, plain = porthole.ask("GET", path)
            with secure(porthole, ca) as line:
                answer = ask(line, path)
            assert status == 200 and answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(plain), path
        # One request after another on one connection.
        with secure(porthole, ca, "localhost") as line:
            for _ in range(3):
                assert b'"ok"' in ask(line, "/health", close=False)
        curl = ["curl", "-sS", "--cacert", ca, "--data-binary", f"@{porthole.command[0]}", "-H", "Content-Type: application/sdp",
                "-w", "%{http_code}", "-o", os.devnull, f"https://127.0.0.1:{porthole.port}/whep"]
        done = subprocess.run(curl, capture_output=True, text=True, timeout=60)
        assert done.stdout in ("400", "413"), done
        assert porthole.stats()["http"]["handshakes"] >= 5


def test_versions_and_suites():
    """TLS 1.2 (and 1.3 with mbedTLS 3) with ephemeral keys and authenticated encryption, nothing else"""
    library = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libmbedtls-dev"], capture_output=True, text=True).stdout
    with Porthole() as porthole, tempfile.TemporaryDirectory() as folder:
        ca = authority(porthole, folder)
        good = client(porthole, "-tls1_2", "-CAfile", ca, "-verify_hostname", "localhost", "-x509_strict", "-alpn", "h2,http/1.1")
        assert "Verification: OK" in good and "ALPN protocol: http/1.1" in good, good
        for suite in SUITES:
            assert f"Cipher is ECDHE-ECDSA-{suite}" in client(porthole, "-tls1_2", "-cipher", f"ECDHE-ECDSA-{suite}"), suite
        weak = [("-tls1", "ALL:@SECLEVEL=0"), ("-tls1_1", "ALL:@SECLEVEL=0"), ("-tls1_2", "ECDHE-ECDSA-AES128-SHA256"), ("-tls1_2", "AES128-GCM-SHA256")]
        for version, suite in weak:
            said = client(porthole, version, "-cipher", suite)
            assert "Cipher is (NONE)" in said, f"{version} {suite}: {said}"
        newest = client(porthole, "-tls1_3")
        assert ("Cipher is TLS_" in newest) == library.startswith("3"), (library, newest)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = made(folder, "shed", key="rsa:2048")
        with Porthole("--tls", f"{certificate},{key}") as porthole:
            for suite in SUITES:
                said = client(porthole, "-tls1_2", "-cipher", f"ECDHE-RSA-{suite}", "-CAfile", certificate)
                assert f"Cipher is ECDHE-RSA-{suite}" in said and "Verification: OK" in said, said


def test_constraints():
    """the authority's key is of no use for other sites: openssl refuses what it signs for them"""
    with Porthole() as porthole, tempfile.TemporaryDirectory() as folder:
        ca = authority(porthole, folder)
        kept = pathlib.Path(porthole.state.name, "authority.pem")
        assert kept.stat().st_mode & 0o777 == 0o600
        for name, isPermitted in ((f"DNS:{NAME}", True), ("IP:192.168.1.7", True), ("DNS:example.org", False), ("IP:8.8.8.8", False)):
            _, asked = request(folder, "leaf")
            leaf = signed(asked, name, "-CA", kept, "-CAkey", kept, "-days", "30")
            said = openssl("verify", "-CAfile", ca, leaf)
            assert ("OK" in said.stdout) == isPermitted, said
            assert isPermitted or "permitted subtree violation" in said.stderr, said


def test_kept():
    """the authority stays the same from one start to the next; without --tls there is none"""
    with tempfile.TemporaryDirectory() as folder:
        found = set()
        for _ in range(2):
            with Porthole("--state", folder) as porthole:
                found.add(porthole.ask("GET", "/ca.crt")[2])
                with secure(porthole, authority(porthole, folder)) as line:
                    found.add(line.getpeercert(binary_form=True))
        assert len(found) == 2, "authority or certificate was made anew"
        with Porthole("--state", folder, "--tls", "off") as porthole:
            assert porthole.ask("GET", "/ca.crt")[0] == 404
            assert "Cipher is (NONE)" in client(porthole)
            status, _, body = porthole.ask("GET", "/trust")
            assert status == 200 and b"--tls auto" in body, body


def test_files_are_read_again():
    """given files are used, and used again when they change; what is of no use is said, and the old ones stay"""
    with tempfile.TemporaryDirectory() as folder:
        first, second = made(folder, "first"), made(folder, "second")
        certificate, key = pathlib.Path(folder, "used.crt"), pathlib.Path(folder, "used.key")

        def put(pair, damage=b""):
            for source, target in zip(pair, (certificate, key)):
                fresh = target.with_suffix(".fresh")
                fresh.write_bytes(damage or source.read_bytes())
                fresh.rename(target)

        def becomes(porthole, pair):
            wanted = ssl.PEM_cert_to_DER_cert(pair[0].read_text())
            end = time.monotonic() + 20
            while True:
                plain = socket.create_connection((porthole.host, porthole.port), timeout=20)
                with ssl._create_unverified_context().wrap_socket(plain) as line:
                    if line.getpeercert(binary_form=True) == wanted:
                        return
                assert time.monotonic() < end, "the certificate stayed"
                time.sleep(0.1)

        put(first)
        with Porthole("--tls", f"{certificate},{key}") as porthole:
            assert b"https://first:" in porthole.output, porthole.output
            assert porthole.ask("GET", "/ca.crt")[0] == 404
            becomes(porthole, first)
            put(second)
            becomes(porthole, second)
            put(first, damage=b"nonsense")
            end = time.monotonic() + 20
            while b"cannot be read" not in porthole.output:
                becomes(porthole, second)
                assert time.monotonic() < end, porthole.output
                time.sleep(0.1)
            put(first)
            becomes(porthole, first)
        status, said = refuse("--tls", f"{certificate},{second[1]}", "--camera", "test", "--listen", "127.0.0.1:0", "--config", "none")
        assert status == 1 and "private key" in said, (status, said)
        status, said = refuse("--tls", f"{folder}/nothing,{key}", "--camera", "test", "--listen", "127.0.0.1:0", "--config", "none")
        assert status == 1 and "nothing" in said, (status, said)


def hello():
    """The ClientHello of a real client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl._create_unverified_context().wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


def test_slow_and_silent_clients():
    """150 clients whose ClientHello dribbles or is followed by silence hold up nobody, and are gone soon"""
    first = hello()
    with Porthole(camera="none") as porthole, tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        ca = authority(porthole, folder)
        with secure(porthole, ca) as line:
            ask(line, "/health")
        before = porthole.memory()
        slow = [stack.enter_context(socket.create_connection((porthole.host, porthole.port))) for _ in range(150)]
        start, worst, most, sent = time.monotonic(), 0, 0, 0
        gone = set()
        while len(gone) < len(slow):
            assert time.monotonic() < start + 60, f"{len(slow) - len(gone)} of them are still there"
            for number, one in enumerate(slow):
                if number in gone:
                    continue
                with contextlib.suppress(BlockingIOError):
                    try:
                        one.setblocking(False)
                        # Every other one sends all at once and then nothing.
                        if number % 2 == 0:
                            one.send(first[sent : sent + 1])
                        elif sent == 0:
                            one.send(first)
                        if one.recv(65536) == b"":
                            gone.add(number)
                    except OSError as error:
                        if isinstance(error, BlockingIOError):
                            raise
                        gone.add(number)
            sent += 1
            asked = time.monotonic()
            with secure(porthole, ca) as line:
                assert b'"ok"' in ask(line, "/health")
            worst = max(worst, time.monotonic() - asked)
            counts = porthole.stats()["http"]
            assert counts["connectionsUnauthorized"] <= 64, counts
            most = max(most, porthole.memory() - before)
            time.sleep(0.1)
        assert worst < 5, f"/health by HTTPS took {worst:.1f} s"
        assert counts["handshakesFailed"] > 0, counts
        assert most < 6144, f"memory grew by {most} kB"
        return f"/health by HTTPS {worst * 1000:.0f} ms at worst, memory +{most} kB, all gone after {time.monotonic() - start:.0f} s"


def test_memory():
    """what a connection by HTTPS costs"""
    with Porthole("--token", "none", camera="none") as porthole, tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        ca = authority(porthole, folder)

        def grown(open_one, count=100):
            before = porthole.memory()
            for _ in range(count):
                assert b'"ok"' in ask(stack.enter_context(open_one()), "/health", close=False)
            return (porthole.memory() - before) / count

        def plain():
            return socket.create_connection((porthole.host, porthole.port), timeout=20)

        for open_one in (plain, lambda: secure(porthole, ca)):
            grown(open_one, 5)
        by_http, by_https = grown(plain), grown(lambda: secure(porthole, ca))
        assert by_https < 120, f"{by_https:.0f} kB a connection"
        return f"{by_http:.0f} kB by HTTP, {by_https:.0f} kB by HTTPS"


def test_noise():
    """what begins as TLS and goes on otherwise ends that connection only"""
    first = hello()
    beginnings = [b"\x16", b"\x16\x03", b"\x16\x03\x01\x00\x00", b"\x16\x03\x01\xff\xff" + bytes(70_000), first[:-1] + b"\x00" * 100,
                  first[:5] + bytes(len(first) - 5), b"\x16GET / HTTP/1.1\r\n\r\n", first + first, first + os.urandom(4000)]
    with Porthole() as porthole:
        for beginning in beginnings:
            with socket.create_connection((porthole.host, porthole.port), timeout=30) as line:
                with contextlib.suppress(OSError):
                    line.sendall(beginning)
                    line.shutdown(socket.SHUT_WR)
                    while line.recv(65536):
                        pass
        assert porthole.ask("GET", "/health")[0] == 200
        assert porthole.stats()["http"]["handshakes"] == 0


def test_announcement():
    """the terminal says where the page on trust is, and the authority's fingerprint as openssl shows it"""
    with Porthole() as porthole, tempfile.TemporaryDirectory() as folder:
        said = porthole.output.decode()
        assert f"{porthole.origin}/trust" in said, said
        shown = openssl("x509", "-in", authority(porthole, folder), "-noout", "-fingerprint", "-sha256").stdout.strip().split("=")[1]
        assert re.search(r"SHA-256 of its authority: (\S+)", said).group(1) == shown
        assert json.loads(porthole.ask("GET", "/health")[2])["status"] == "ok"


class Server:
    """A server by Python's ssl that answers every request with 404."""

    def __init__(self, certificate, key, version=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        if version:
            self.context.minimum_version = self.context.maximum_version = version
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), self.context.wrap_socket(plain, server_side=True) as line:
                line.recv(65536)
                line.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def called(address, *words):
    """What `porthole call` says of an address where nobody answers the call."""
    with tempfile.TemporaryDirectory(prefix="porthole-") as state:
        words = ["call", address, "--camera", "none", "--state", state, "--config", "none", *map(str, words)]
        done = subprocess.run([*Porthole.command, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done
    return done.stderr


def test_call_believes_whom_it_should():
    """a caller believes a server for its name or address, in its time, by an authority that it was given, and no other"""
    with tempfile.TemporaryDirectory() as folder:
        good, other = made(folder, "good"), made(folder, "other")
        elsewhere = made(folder, "elsewhere", names="DNS:elsewhere,IP:127.0.0.2")
        rsa = made(folder, "rsa", key="rsa:2048")
        expired = made(folder, "expired", days=-1)
        cases = [
            (good, good[0], "127.0.0.1", "404"), (good, good[0], "localhost", "404"), (rsa, rsa[0], "localhost", "404"),
            (good, other[0], "127.0.0.1", "signed by nobody"), (elsewhere, elsewhere[0], "127.0.0.1", "another name or address"),
            (elsewhere, elsewhere[0], "localhost", "another name or address"), (expired, expired[0], "127.0.0.1", "expired"),
        ]
        for pair, ca, host, sentence in cases:
            with Server(*pair) as server:
                said = called(f"wss://{host}:{server.port}/ws", "--ca", ca)
                assert sentence in said, f"{pair[0].name} for {host}: {said}"
        with Server(*good) as server:
            said = called(f"wss://127.0.0.1:{server.port}/ws")
            assert "signed by nobody" in said and "--ca" in said, said
            assert "no certificate" in called(f"wss://127.0.0.1:{server.port}/ws", "--ca", good[1])
            assert "nothing" in called(f"wss://127.0.0.1:{server.port}/ws", "--ca", f"{folder}/nothing")


def test_call_by_tls():
    """one program calls another by wss, believing the other's authority"""
    with Porthole() as porthole, tempfile.TemporaryDirectory() as folder:
        words = ["call", f"wss://127.0.0.1:{porthole.port}/ws?token={TOKEN}", "--ca", authority(porthole, folder), "--camera", "test"]
        call = subprocess.Popen([*Porthole.command, *map(str, words), "--state", folder, "--config", "none"], stdout=subprocess.PIPE, text=True)
        try:
            said = []
            while not said or not said[-1].startswith("Receiving"):
                said.append(call.stdout.readline())
                assert said[-1], said
            assert "Connected.\n" in said, said
            porthole.viewers_become(1, 10)
        finally:
            call.terminate()
            assert call.wait(20) == 0
            call.stdout.close()
