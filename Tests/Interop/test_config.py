# SPDX-License-Identifier: Apache-2.0
"""The configuration file, and what the two tokens open, on the released program."""

import json
import os
import pathlib
import subprocess
import tempfile

from program import TOKEN, Porthole, refuse

CONTROL = "interop-control"


class Folder:
    """An empty folder; `with Folder() as folder: folder.write(…)`."""

    def __enter__(self):
        self.holder = tempfile.TemporaryDirectory(prefix="porthole-")
        return self

    def __exit__(self, *_):
        self.holder.cleanup()

    def write(self, text, name="porthole.toml", mode=0o600):
        """The path of a new file."""
        path = pathlib.Path(self.holder.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)


def config(*words, **environment):
    """What `porthole config` prints: (standard output, standard error)."""
    done = subprocess.run(
        [*Porthole.command, "config", *words],
        capture_output=True,
        text=True,
        timeout=20,
        env={**os.environ, **environment},
        check=True,
    )
    return done.stdout, done.stderr


def values(text):
    """The lines of a configuration that are no comments, without what stands behind a value."""
    return [line.partition(" # ")[0].rstrip() for line in text.splitlines() if line and line[0] != "#"]


def test_file():
    """a configuration file is read, said so, and overruled by flags"""
    with Folder() as folder:
        path = folder.write('[camera]\nsize = "320x240"\nrate = 10\n\n[access]\nallow-origin = ["https://a.example"]\n')
        with Porthole("--config", path, "--rate", "15") as porthole:
            assert f"configuration: {path}" in porthole.output.decode(), porthole.output
            camera = porthole.stats()["camera"]
            assert (camera["width"], camera["height"]) == (320, 240), camera
            for origin, wanted in (("https://a.example", 204), ("https://b.example", 403)):
                status, _, _ = porthole.ask("GET", "/whep", token=TOKEN, Origin=origin)
                assert status == wanted, (origin, status)
        text, _ = config("--config", path, "--rate", "15")
        for line in (f'size = "320x240" {path}:2', "rate = 15 --rate", "threads = 1 default"):
            assert line in [" ".join(line.replace("#", " ").split()) for line in text.splitlines()], (line, text)


def test_effective():
    """what porthole config prints is a file that says the same"""
    with Folder() as folder:
        first = folder.write('state = "/nowhere"\n[video]\nbitrate = 700_000\n[network]\ninterface = ["lo", \'eth0\']\n')
        printed, _ = config("--config", first, "--camera", "none", "--token", TOKEN, "--show-secrets")
        again, _ = config("--config", folder.write(printed, "second.toml"), "--show-secrets")
        assert values(printed) == values(again), f"{printed}\n{again}"
        hidden, _ = config("--config", first, "--token", TOKEN)
        assert TOKEN in printed and TOKEN not in hidden, hidden
        config("--config", folder.write(hidden, "third.toml"))


def test_places():
    """the user's file is found, --config names another one, and none reads none"""
    with Folder() as folder:
        folder.write("[camera]\nrate = 11\n", "porthole/porthole.toml")
        other = folder.write("[camera]\nrate = 12\n", "other.toml")
        home = {"XDG_CONFIG_HOME": folder.holder.name}
        if not os.path.exists("/etc/porthole/porthole.toml"):
            assert "rate = 11" in values(config(**home)[0])
        assert "rate = 12" in values(config("--config", other, **home)[0])
        assert "rate = 30" in values(config("--config", "none", **home)[0])


def test_refusals():
    """a wrong file is one sentence with its line, and exit code 2"""
    cases = [
        ('[camera]\nsise = "64x64"\n', ":2:", "size?"),
        ("[camera]\nrate = 5000\n", ":2:", "240"),
        ("[camera]\nsize = 64x64\n", ":2:8:", '"64x64"'),
        ("rate = 5\n", ":1:", "[camera]"),
        ('[access]\ntoken = "interop-token"\ncontrol-token = "none"\n', ":3:", "control-token"),
        ("x = " + "[" * 60_000, ":1:", "deep"),
    ]
    with Folder() as folder:
        for text, place, word in cases:
            path = folder.write(text)
            status, said = refuse("--config", path)
            assert status == 2, f"{status}\n{said}"
            assert f"{path}{place}" in said and word in said and len(said.splitlines()) == 1, said
        status, said = refuse("--config", folder.holder.name + "/missing.toml")
        assert status == 2 and "missing.toml" in said, said


def test_open_file():
    """a token in a file that everybody may read is warned of"""
    with Folder() as folder:
        for text, mode, warned in (
            (f'[access]\ntoken = "{TOKEN}"\n', 0o644, True),
            (f'[access]\ntoken = "{TOKEN}"\n', 0o640, False),
            ("[camera]\nrate = 5\n", 0o644, False),
        ):
            _, said = config("--config", folder.write(text, mode=mode))
            assert ("chmod 600" in said) == warned, (text, oct(mode), said)


def test_levels():
    """the control token opens what the view token opens, is not printed, and no route tells either"""
    with Porthole("--control-token", CONTROL) as porthole:
        assert CONTROL not in porthole.output.decode(), "it was printed, with nothing to control"
        for token in (TOKEN, CONTROL):
            for path in ("/", "/porthole.js", "/stats"):
                assert porthole.ask("GET", path, token=token)[0] == 200, (token, path)
            status, headers, _ = porthole.ask("GET", f"/?token={token}")
            assert status == 303 and f"porthole={token};" in headers["Set-Cookie"], headers.items()
            assert porthole.ask("GET", "/ws", Cookie=f"porthole={token}")[0] == 426, token
        for token in (TOKEN + CONTROL, "interop-controL", "none"):
            assert porthole.ask("GET", "/stats", token=token)[0] == 401, token
        _, _, body = porthole.ask("GET", "/stats", token=TOKEN)
        assert TOKEN.encode() not in body and CONTROL.encode() not in body and json.loads(body), body


def test_stored_tokens():
    """a token is made once if one is asked for, told to who asks, and kept where nobody else can read"""
    with Folder() as folder:
        state = folder.holder.name
        with Porthole("--state", state, token="none") as porthole:
            assert porthole.ask("GET", "/stats")[0] == 200
        assert not pathlib.Path(state, "token").exists()
        path = pathlib.Path(state, "control-token")
        assert path.stat().st_mode & 0o077 == 0, oct(path.stat().st_mode)
        kept = path.read_text().strip()
        told, _ = config("--config", "none", "--state", state, "--show-secrets")
        assert f'control-token = "{kept}"' in values(told), told
        with Porthole("--state", state, token="none"):
            assert path.read_text().strip() == kept
