# SPDX-License-Identifier: Apache-2.0
"""/ws as a page uses it, and the page through a restart of the program."""

import time

from browser import tab
from program import Porthole

# Opens a WebSocket and answers what it says: `tell` sends, `next` waits for a message with one of the names.
TALK = """async (steps) => {
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws");
  const heard = [];
  let wake = () => {};
  const ended = new Promise((resolve) => { socket.onclose = ({ code }) => { resolve(code); wake(); }; });
  socket.onmessage = ({ data }) => { heard.push(JSON.parse(data)); wake(); };
  const isOpen = await Promise.race([new Promise((resolve) => { socket.onopen = () => resolve(true); }), ended.then(() => false)]);
  if (!isOpen) return [{ refused: true }];
  const next = async (name) => {
    for (;;) {
      const index = heard.findIndex((message) => name in message);
      if (index >= 0) return heard.splice(index, 1)[0];
      if (socket.readyState > 1) return { closed: await ended };
      await new Promise((resolve) => { wake = resolve; });
    }
  };
  const results = [];
  let connection;
  for (const [verb, value] of steps) {
    if (verb === "tell") socket.send(typeof value === "string" ? value : JSON.stringify(value));
    if (verb === "next") results.push(await next(value));
    if (verb === "offer") {
      connection = new RTCPeerConnection();
      connection.addTransceiver("video", { direction: "recvonly" });
      connection.onicecandidate = ({ candidate }) => {
        if (socket.readyState === 1) socket.send(JSON.stringify({ candidate: candidate?.toJSON() ?? { candidate: "" } }));
      };
      await connection.setLocalDescription();
      socket.send(JSON.stringify({ offer: connection.localDescription.toJSON() }));
    }
    if (verb === "restart") {
      await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
      socket.send(JSON.stringify({ offer: connection.localDescription.toJSON() }));
    }
    if (verb === "connect") {
      await connection.setRemoteDescription(value ?? results.at(-1).answer);
      results.push(await new Promise((resolve) => {
        const look = () => { if (["connected", "failed"].includes(connection.connectionState)) resolve(connection.connectionState); };
        connection.onconnectionstatechange = look;
        look();
      }));
    }
    if (verb === "end") results.push({ closed: await ended });
  }
  connection?.close();
  socket.close();
  return results;
}"""


def talk(page, *steps):
    return page.evaluate(TALK, [list(step) for step in steps])


def test_signalling(browser):
    """an offer over /ws is answered, candidates trickle, clocks come, a bad second offer is refused in words"""
    with Porthole() as porthole, tab(browser, porthole.address) as page:
        ping, camera, answer, state, clock, error = talk(
            page, ("tell", {"ping": 12.5}), ("next", "pong"), ("next", "camera"),
            ("offer", None), ("next", "answer"), ("connect", None), ("next", "clock"),
            ("tell", {"offer": {"type": "offer", "sdp": "v=0"}}), ("next", "error"))
        assert ping["pong"] == 12.5 and abs(ping["time"] / 1000 - time.time()) < 60, ping
        assert camera["camera"]["problem"] is None, camera
        assert "a=end-of-candidates" in answer["answer"]["sdp"], answer
        assert state == "connected", state
        assert abs(clock["clock"]["time"] / 1000 - time.time()) < 60, clock
        assert "line 2" in error["error"], error


def test_restart(browser):
    """a second offer over /ws restarts ICE: the answer has credentials of its own, the connection stays"""
    with Porthole() as porthole, tab(browser, porthole.address) as page:
        first, before, second, after, clock = talk(
            page, ("offer", None), ("next", "answer"), ("connect", None), ("restart", None), ("next", "answer"), ("connect", None), ("next", "clock"))
        names = [next(line for line in answer["answer"]["sdp"].splitlines() if line.startswith("a=ice-ufrag:")) for answer in (first, second)]
        assert names[0] != names[1], names
        assert "a=candidate:" in second["answer"]["sdp"] and "a=end-of-candidates" in second["answer"]["sdp"], second
        assert before == after == "connected", (before, after)
        assert clock["clock"], clock


def test_bad_messages(browser):
    """what is no JSON ends the line, what is no offer is answered in words, without a token there is none"""
    with Porthole() as porthole, tab(browser, porthole.address) as page:
        assert talk(page, ("tell", "no JSON"), ("end", None)) == [{"closed": 1003}]
        [error] = talk(page, ("tell", {"offer": {"type": "offer", "sdp": "nonsense"}}), ("next", "error"))
        assert "line 1" in error["error"], error
        [pong] = talk(page, ("tell", {"unknown": 1}), ("tell", [1]), ("tell", {"candidate": 7}), ("tell", {"ping": 1}), ("next", "pong"))
        assert pong["pong"] == 1
        with tab(browser, porthole.origin + "/health") as stranger:
            assert talk(stranger) == [{"refused": True}]
        assert porthole.viewers() == 1, "only the page itself should be watching"
