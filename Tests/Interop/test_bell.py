# SPDX-License-Identifier: Apache-2.0
"""Ringing: on every open page, answered, declined or missed; by the command line, by a call, and with a sound that browsers allow."""

import contextlib
import shutil
import socket
import subprocess
import time

from board import CONTROL, Board, call
from browser import FLAGS, tab

QUIET = '[sensors]\nfind = "none"\n'
# Longer than a busy machine needs for anything here.
ROOM = QUIET + "\n[bell]\ntime = 120\n"
SMALL = ("--size", "640x360", "--rate", "15")

# Counts the tones that a page begins to play, and the answers that it gives.
LISTEN = """
  window.wishes = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) { window.wishes += "bell" in JSON.parse(text); return send.call(this, text); };
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
"""

# Says what becomes of the sound: whoever asks the page itself counts as a person who has touched it.
TELL = """
  document.addEventListener("DOMContentLoaded", () => {
    const sheet = document.getElementById("call");
    new MutationObserver(() => console.log(`sound ${sheet.dataset.sound}`)).observe(sheet, { attributeFilter: ["data-sound"] });
  });
"""


def ring(porthole, *words):
    """`porthole ring` with these words: (status, what it said)."""
    done = subprocess.run([*porthole.command, "ring", *words, "--socket", porthole.socket], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@contextlib.contextmanager
def ringing(porthole, *words):
    """`porthole ring --wait`, which goes on until there is an outcome."""
    words = [*porthole.command, "ring", "--wait", *words, "--socket", porthole.socket]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process):
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


def live(porthole, page):
    """Opens the page as localhost, which browsers trust, and waits for the picture."""
    page.add_init_script(LISTEN)
    page.goto(f"http://localhost:{porthole.port}/?token={porthole.token}")
    page.wait_for_selector("[data-state=live]")


def rings(page):
    """Waits until it rings on the page: what the sheet says."""
    page.wait_for_selector("#answer:visible")
    return page.inner_text("#caller")


def test_two_pages_ring_and_one_answers(browser):
    """it rings on every page, also on one that opens meanwhile; who answers talks and hears, the others see who it was"""
    with contextlib.ExitStack() as stack:
        porthole = stack.enter_context(Board(ROOM, "--speaker", "test", "--microphone", "test", *SMALL))
        pages = [stack.enter_context(tab(browser)) for _ in range(3)]
        for page in pages[:2]:
            live(porthole, page)
        process = stack.enter_context(ringing(porthole, "--name", "Front door"))
        for page in pages[:2]:
            assert rings(page) == "Front door rings"
            assert page.title() == "Front door rings – Porthole", page.title()
            assert "opens your microphone" in page.inner_text("#plea"), page.inner_text("#plea")
            page.wait_for_function("window.tones >= 2")
            assert page.evaluate("document.activeElement.id") == "call"
        live(porthole, pages[2])
        assert rings(pages[2]) == "Front door rings"
        assert process.poll() is None
        pages[1].click("#answer")
        assert ended(process) == (0, "visitor 2 has answered\n")
        pages[1].wait_for_selector("#talk[data-standing=talking]")
        assert pages[1].get_attribute("#line", "aria-pressed") == "true"
        assert not pages[1].evaluate("document.getElementById('picture').muted"), "who has answered hears nothing"
        assert pages[1].is_hidden("#call") and pages[1].title() == "Porthole", pages[1].title()
        for page in (pages[0], pages[2]):
            page.wait_for_function("document.getElementById('caller').textContent === 'Visitor 2 has answered'")
            assert page.is_hidden("#answer") and page.is_hidden("#decline")
            assert page.get_attribute("#call", "data-sound") == "off"
            # It goes by itself.
            page.wait_for_selector("#call", state="hidden")
            assert page.title() == "Porthole", page.title()
        told = porthole.stats()["bell"]
        assert (told["state"], told["by"], told["name"]) == ("answered", 2, "Front door"), told
        for page in pages:
            assert not page.faults, page.faults


def test_decline(browser):
    """one declines for all, by a key; the program that rang is told"""
    with Board(ROOM, *SMALL) as porthole, tab(browser) as page, tab(browser) as other, ringing(porthole) as process:
        for one in (page, other):
            live(porthole, one)
            assert rings(one) == "Somebody rings"
        assert "no loudspeaker" in page.inner_text("#plea"), page.inner_text("#plea")
        page.keyboard.press("x")
        assert ended(process) == (3, "porthole: visitor 1 has declined.\n")
        other.wait_for_function("document.getElementById('caller').textContent === 'Visitor 1 has declined'")
        page.wait_for_selector("#call", state="hidden")
        assert not page.faults, page.faults


def test_nobody_comes(browser):
    """a call that nobody answers is missed after its time, and stays on the page until it is closed"""
    with Board(QUIET + "\n[bell]\ntime = 3\n", *SMALL) as porthole, tab(browser) as page:
        live(porthole, page)
        with ringing(porthole, "--name", "Gate") as process:
            assert ended(process) == (4, "porthole: nobody has answered.\n")
        page.wait_for_function("document.getElementById('caller').textContent === 'Missed: Gate'")
        assert page.title() == "Missed: Gate – Porthole" and "nobody answered" in page.inner_text("#plea")
        page.keyboard.press("Escape")
        assert page.is_hidden("#call") and page.title() == "Porthole"
        # Where nobody watches it rings all the same.
        page.goto("about:blank")
        porthole.viewers_become(0, limit=20)
        assert ring(porthole, "--wait") == (4, "porthole: nobody has answered.\n")


def test_without_a_loudspeaker(browser):
    """answering only tells so where there is no loudspeaker, and asks for no microphone"""
    with Board(ROOM, *SMALL) as porthole, tab(browser) as page:
        live(porthole, page)
        with ringing(porthole) as process:
            rings(page)
            page.keyboard.press("r")
            assert ended(process) == (0, "visitor 1 has answered\n")
        page.wait_for_selector("#call", state="hidden")
        assert page.get_attribute("#line", "aria-pressed") == "false"
        assert page.evaluate("document.getElementById('picture').muted")


def test_by_plain_http(browser):
    """by HTTP one answers without a microphone, and is led to /trust and to the page by HTTPS"""
    with Board(ROOM, "--speaker", "test", *SMALL) as porthole, tab(browser) as page:
        page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page.goto(f"http://127.0.0.1:{porthole.port}/?token={porthole.token}")
        page.wait_for_selector("[data-state=live]")
        with ringing(porthole) as process:
            rings(page)
            page.wait_for_selector("#plea a")
            found = page.eval_on_selector_all("#plea a", "(links) => links.map(({ href }) => href)")
            wanted = [f"http://127.0.0.1:{porthole.port}/trust", f"https://127.0.0.1:{porthole.port}/trust"]
            assert found == wanted, found
            page.click("#answer")
            assert ended(process) == (0, "visitor 1 has answered\n")
        page.wait_for_selector("#toast a")
        found = page.eval_on_selector_all("#toast a", "(links) => links.map(({ href }) => href)")
        assert found == wanted and "no microphone" in page.inner_text("#toast"), (found, page.inner_text("#toast"))
        assert page.get_attribute("#line", "aria-pressed") == "false"
        page.click("#toast a")
        page.wait_for_url("**/trust")
        assert page.inner_text("h1") == "Trust this board"
        assert not page.faults, page.faults


def test_sound_after_a_click(browser):
    """a browser that wants a click before any sound says so, and rings from the click on; an earlier one is enough"""
    flags = [flag for flag in FLAGS if "autoplay" not in flag] + ["--autoplay-policy=document-user-activation-required"]
    own = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
    try:
        with Board(ROOM, *SMALL) as porthole, tab(own) as page:
            page.add_init_script(LISTEN + TELL)
            with ringing(porthole) as process:
                with page.expect_console_message(lambda message: message.text == "sound locked"):
                    page.goto(porthole.address)
                assert page.is_visible("#hush") and page.evaluate("window.tones") == 0
                page.mouse.click(5, 5)
                page.wait_for_selector("#call[data-sound=on]")
                page.wait_for_function("window.tones >= 2")
                assert page.is_hidden("#hush")
                page.wait_for_selector("[data-state=live]")
                page.click("#decline")
                assert ended(process)[0] == 3
            page.wait_for_selector("#call", state="hidden")
            before = page.evaluate("window.tones")
            with ringing(porthole):
                rings(page)
                page.wait_for_selector("#call[data-sound=on]")
                page.wait_for_function(f"window.tones >= {before + 2}")
                # Silence is for this page alone.
                page.click("#silence")
                page.wait_for_selector("#call[data-sound=off]")
                assert page.is_visible("#answer")
                page.keyboard.press("x")
                page.wait_for_selector("#call", state="hidden")
    finally:
        own.close()


def test_no_key_answers_by_chance(browser):
    """who writes goes on writing while it rings, and the space bar neither talks nor answers"""
    with Board(ROOM, "--speaker", "test", *SMALL) as porthole, tab(browser) as page:
        live(porthole, page)
        page.wait_for_function("!document.getElementById('words').disabled")
        page.keyboard.press("t")
        page.keyboard.type("r")
        with ringing(porthole) as process:
            rings(page)
            page.keyboard.type("x r ")
            assert page.input_value("#words") == "rx r ", page.input_value("#words")
            page.keyboard.press("Escape")
            page.click("#call h2")
            page.keyboard.press(" ")
            page.keyboard.press("Enter")
            assert page.evaluate("window.wishes") == 0 and page.get_attribute("#talk", "aria-pressed") == "false"
            page.focus("#answer")
            page.keyboard.press("Enter")
            assert ended(process)[0] == 0 and page.evaluate("window.wishes") == 1


def test_who_may_ring(browser):
    """a page rings with the control token only; too many calls are refused, and nothing but rings comes of them"""
    with Board(ROOM, *SMALL) as porthole, tab(browser) as page, tab(browser) as other:
        porthole.open(page)
        assert call(page, "bell.ring", {"name": "me"})["error"]["code"] == -32001
        assert porthole.stats()["bell"]["state"] == "idle"
        porthole.open(other, CONTROL)
        answers = []
        while "error" not in (answer := call(other, "bell.ring", {"name": "me"})):
            answers.append(answer["result"]["call"])
            assert rings(page) == "me rings"
            page.keyboard.press("x")
            page.wait_for_selector("#call", state="hidden")
            assert len(answers) < 50, "nothing is refused"
        assert answer["error"]["code"] == -32004 and answers == list(range(1, len(answers) + 1)), (answer, answers)
        assert len(answers) >= 5 and porthole.stats()["bell"]["refused"] == 1, answers


def test_ring_says_what_is_wrong():
    """porthole ring says in one sentence what is wrong; who waits is told that the program has ended"""
    with Board(ROOM, *SMALL) as porthole:
        status, said = ring(porthole, "door")
        assert status == 2 and said.count("\n") == 1, (status, said)
        assert porthole.stats()["bell"]["state"] == "idle"
        with ringing(porthole) as process:
            while porthole.stats()["bell"]["state"] != "ringing":
                assert process.poll() is None
                time.sleep(0.05)
            with socket.socket(socket.AF_UNIX) as gone:
                gone.connect(porthole.socket)
                gone.sendall(b'{"ring":"Nobody","wait":true}\n')
            assert ring(porthole, "--name", "Post") == (0, "")
            porthole.end()
            status, said = ended(process)
            assert status == 1 and "before anybody answered" in said and said.count("\n") == 1, (status, said)


def test_button_without_its_chip():
    """a button that cannot be had is told at the start"""
    with Board(QUIET + '\n[[button]]\nname = "door"\nchip = "/dev/no-such-chip"\nline = 4\n', *SMALL) as porthole:
        assert b"line 4 of /dev/no-such-chip cannot be used as a button" in porthole.output, porthole.output
