# SPDX-License-Identifier: Apache-2.0
"""Calls with aiortc, with pictures and with sound, data channels with aiortc, GStreamer and Firefox: no two of these stacks share anything, nor with Chromium's or ours.

Firefox brings H.264 by a plugin that it fetches from the internet: without it, it offers VP8 and VP9 alone, so that here no
picture of ours is shown in it. Its ICE, DTLS and SCTP are its own all the same, and that its offer of video is refused in
words is tested.
"""

import json
import subprocess
import time

from firefox import firefox
from peers import HERE, PYTHON, ended
from program import TOKEN, Porthole


def test_aiortc():
    """aiortc's messages come back over channels of every kind; a stream is used again"""
    with Porthole() as porthole:
        done = subprocess.run([PYTHON, str(HERE / "aiortc_channels.py"), porthole.origin, TOKEN], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["back"] == 15 and found["state"] == "closed" and found["again"] == "again", found
        assert [number % 2 for number in found["ids"]] in ([0, 0, 0], [1, 1, 1]), found


def called(role):
    """aiortc and a Porthole in a call with pictures both ways."""
    with Porthole("--size", "320x240") as porthole:
        command = [PYTHON, str(HERE / "aiortc_call.py"), role, porthole.host, str(porthole.port), TOKEN, "30"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with ended(child):
            found = json.loads(child.stdout.readline())
            assert found["pictures"] >= 30 and found["size"] == [320, 240] and found["state"] == "connected", found
            end = time.monotonic() + 60
            while (peer := porthole.stats()["peers"][0])["framesReceived"] < 30:
                assert time.monotonic() < end, peer
                time.sleep(0.05)
            assert peer["connectionState"] == "connected" and peer["handshakeRestarts"] == 0, peer
            child.stdin.close()
            assert child.wait(30) == 0
        porthole.viewers_become(0, 30)


def test_aiortc_offers():
    """aiortc offers: it decodes the camera's pictures, and its own arrive"""
    called("offers")


def test_aiortc_answers():
    """aiortc is offered a call: it decodes the camera's pictures, and its own arrive"""
    called("answers")


def telephoned(codec):
    """aiortc, which is made to offer `codec` alone, hears the microphone's 1 kHz, and is heard with its 440 Hz."""
    with Porthole("--size", "320x240", "--microphone", "test", "--speaker", "test") as porthole:
        command = [PYTHON, str(HERE / "aiortc_sound.py"), codec, porthole.host, str(porthole.port), TOKEN, "440"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with ended(child):
            found = json.loads(child.stdout.readline())
            assert found["codec"].partition("/")[0].lower() == codec.lower(), found
            assert abs(found["frequency"] - 1000) < 3 and abs(found["level"] + 20) < 1, found
            end = time.monotonic() + 60
            while True:
                told = porthole.stats()["speaker"]
                if told["level"] is not None and abs(told["frequency"] - 440) < 3 and abs(told["level"] + 12.04) < 1.5:
                    break
                assert time.monotonic() < end, told
                time.sleep(0.05)
            child.stdin.close()
            assert child.wait(30) == 0
        porthole.viewers_become(0, 30)
        return f"{found['frequency']:.1f} Hz at {found['level']:.1f} dBFS there, {told['frequency']:.1f} Hz at {told['level']:.1f} dBFS here"


def test_aiortc_hears_and_talks():
    """aiortc hears the microphone and is heard at the speaker by Opus"""
    return telephoned("opus")


def test_aiortc_without_opus():
    """the same of a peer that has nothing but PCMU"""
    return telephoned("PCMU")


def test_aiortc_with_the_other_law():
    """the same of a peer that has nothing but PCMA"""
    return telephoned("PCMA")


def test_gstreamer():
    """GStreamer's messages come back, and its channel is closed in order"""
    with Porthole() as porthole:
        command = ["/usr/bin/python3", str(HERE / "gstreamer_channels.py"), "call", porthole.origin, TOKEN]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["opened"] and found["closed"], found
        assert [one["length"] for one in found["heard"]] == [5, 8192, 16384] and all(one["whole"] for one in found["heard"]), found


def test_firefox():
    """Firefox's text, bytes and empty messages up to 256 KiB come back, and its channels are closed in order"""
    with Porthole(camera="none") as porthole:
        found = firefox(porthole, f"""
            const told = await wires.connect("{TOKEN}", [["echo"], ["echo", {{ ordered: false, maxRetransmits: 3 }}]]);
            let back = 0;
            for (const index of [0, 1]) {{
              for (const isText of [true, false]) {{
                for (const length of [0, 1, 1024, 16384, 262144]) back += await wires.echo(index, length, isText);
              }}
            }}
            const highest = await wires.churn(100);
            return {{ ...told, back, highest }};
        """)
        assert found["back"] == 20, found
        assert found["highest"] < 1000 and all(number % 2 == 1 for number in found["ids"]), found


def test_firefox_sound():
    """Firefox hears the microphone's tone, by Opus, at its pitch and level"""
    with Porthole("--microphone", "test") as porthole:
        heard = firefox(porthole, f"""
            const connection = new RTCPeerConnection();
            const {{ receiver }} = connection.addTransceiver("audio", {{ direction: "recvonly" }});
            await connection.setLocalDescription();
            const response = await fetch("/whep", {{
              method: "POST", headers: {{ "Content-Type": "application/sdp", Authorization: "Bearer {TOKEN}" }},
              body: connection.localDescription.sdp,
            }});
            await connection.setRemoteDescription({{ type: "answer", sdp: await response.text() }});
            const stream = new MediaStream([receiver.track]);
            await Object.assign(new Audio(), {{ srcObject: stream }}).play();
            // Without a sound card Firefox has no AudioContext that runs: what is heard is recorded, and read afterwards.
            const recorder = new MediaRecorder(stream);
            const recorded = new Promise((resolve) => {{ recorder.ondataavailable = ({{ data }}) => resolve(data.arrayBuffer()); }});
            recorder.start();
            await new Promise((resolve) => setTimeout(resolve, 3000));
            recorder.stop();
            const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(await recorded);
            const samples = sound.getChannelData(0).slice(48000, 96000);
            const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
            const rises = samples.reduce((sum, sample, index) => sum + (samples[index - 1] < 0 && sample >= 0), 0);
            const reports = [...(await connection.getStats()).values()];
            const {{ mimeType }} = reports.find(({{ type }}) => type === "codec");
            return {{ level: 10 * Math.log10(2 * power), frequency: rises, mimeType }};
        """)
        assert heard["mimeType"] == "audio/opus", heard
        assert abs(heard["frequency"] - 1000) < 3 and abs(heard["level"] + 20) < 1, heard
        return f"{heard['frequency']:.1f} Hz at {heard['level']:.1f} dBFS"


def test_firefox_video():
    """Firefox without its H.264 plugin is refused in words; with one it would be answered"""
    with Porthole() as porthole:
        found = firefox(porthole, f"""
            const connection = new RTCPeerConnection();
            connection.addTransceiver("video", {{ direction: "recvonly" }});
            await connection.setLocalDescription();
            const {{ sdp }} = connection.localDescription;
            const response = await fetch("/whep", {{
              method: "POST", headers: {{ "Content-Type": "application/sdp", Authorization: "Bearer {TOKEN}" }}, body: sdp,
            }});
            return {{ status: response.status, text: await response.text(), decodes: /H264/.test(sdp) }};
        """)
        if found["decodes"]:
            assert found["status"] == 201, found
        else:
            assert found["status"] == 406 and "H.264" in found["text"], found
