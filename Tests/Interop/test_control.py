# SPDX-License-Identifier: Apache-2.0
"""Control over the page's channel: who may, what runs, and who is told."""

from board import CONTROL, Board, call
from browser import tab
from program import TOKEN

ACTIONS = """
[sensors]
find = "none"

[[action]]
name = "greet"
label = "Say hello"
command = ["/bin/echo", "hello; $HOME"]

[[action]]
name = "fail"
command = ["/bin/false"]

[[action]]
name = "wait"
label = "Wait"
command = ["/bin/sleep", "1000"]
time = 1

[[gpio]]
name = "lamp"
chip = "/dev/no-such-chip"
line = 17
"""


def test_actions_on_the_page(browser):
    """an action runs at a press, shows what it says, and no shell reads its words"""
    with Board(ACTIONS) as porthole, tab(browser) as page:
        porthole.open(page, CONTROL)
        page.wait_for_selector("#levers:not([hidden])")
        page.keyboard.press("o")
        page.get_by_role("button", name="Say hello").click()
        page.wait_for_function("document.getElementById('settings').innerText.includes('hello; $HOME')")
        page.get_by_role("button", name="fail").click()
        page.wait_for_function("document.getElementById('outcome').innerText.includes('ended with 1')")
        assert not page.faults, page.faults


def test_two_pages_share_the_state(browser):
    """what one page does is told to the others, and it runs once at a time"""
    with Board(ACTIONS) as porthole, tab(browser) as page, tab(browser) as other:
        porthole.open(page, CONTROL)
        porthole.open(other, CONTROL)
        call(other, "controls.list")
        page.evaluate("() => { channels.control.send(JSON.stringify({ jsonrpc: '2.0', id: 'w', method: 'controls.press', params: { id: 'action.wait' } })); }")
        running = "(state) => channels.control.heard.some(({ params }) => params?.controls?.some(({ id, running }) => id === 'action.wait' && running === state))"
        other.wait_for_function(running, arg=True)
        refused = call(other, "controls.press", {"id": "action.wait"})
        assert refused["error"]["code"] == -32004, refused
        other.wait_for_function(running, arg=False)
        ended = page.wait_for_function("channels.control.heard.find(({ id }) => id === 'w')").json_value()
        assert ended["result"]["late"] is True and ended["result"]["status"] == 137, ended


def test_viewers_only_look(browser):
    """who has the token for viewing sees the state and changes nothing"""
    with Board(ACTIONS) as porthole, tab(browser) as page:
        porthole.open(page, TOKEN)
        listed = call(page, "controls.list")["result"]
        assert listed["mayControl"] is False and len(listed["controls"]) == 4, listed
        for method, params in [
            ("bell.ring", {}), ("controls.press", {"id": "action.greet"}), ("controls.set", {"id": "output.lamp", "value": True}),
        ]:
            assert call(page, method, params)["error"]["code"] == -32001
        assert page.evaluate("document.getElementById('levers').hidden"), "the page offers what it may not do"
        known = [method["name"] for method in call(page, "rpc.discover")["result"]["methods"]]
        assert known == ["rpc.discover", "controls.list", "controls.set", "controls.press", "bell.ring"], known


def test_output_without_its_chip(browser):
    """an output that cannot be had is told when it is switched, and at the start"""
    with Board(ACTIONS) as porthole, tab(browser) as page:
        assert b"there is no such chip" in porthole.output, porthole.output
        porthole.open(page, CONTROL)
        answer = call(page, "controls.set", {"id": "output.lamp", "value": True})
        assert answer["error"]["code"] == -32003 and "no such chip" in answer["error"]["message"], answer


def test_hostile_caller(browser):
    """garbage, batches and floods of calls are answered or refused, and the picture goes on"""
    with Board(ACTIONS) as porthole, tab(browser) as page:
        porthole.open(page, CONTROL)
        call(page, "controls.list")
        found = page.evaluate("""async () => {
          const { control } = channels;
          const messages = ["", "{", "[]", "[1,2]", "{}", "null", JSON.stringify({ jsonrpc: "2.0", method: "x", id: 1 }),
            "[".repeat(10000), JSON.stringify(Array(17).fill({ jsonrpc: "2.0", method: "x", id: 1 })), " ".repeat(20000)];
          const before = control.heard.length;
          for (const message of messages) control.send(message);
          control.send(new Uint8Array([1, 2, 255]));
          while (control.heard.length < before + messages.length + 1) await new Promise((resolve) => setTimeout(resolve, 10));
          const codes = control.heard.slice(before).map((message) => (Array.isArray(message) ? message[0] : message).error?.code);
          for (let number = 0; number < 500; number += 1) {
            control.send(JSON.stringify({ jsonrpc: "2.0", id: `f${number}`, method: "controls.press", params: { id: "action.wait" } }));
          }
          const count = () => control.heard.filter(({ id, error }) => error && (id === null || String(id).startsWith("f"))).length;
          while (count() < 499) await new Promise((resolve) => setTimeout(resolve, 10));
          return { codes, state: control.readyState };
        }""")
        assert all(code in (-32700, -32600, -32601) for code in found["codes"]), found
        assert found["state"] == "open", found
        assert page.evaluate("document.getElementById('stage').dataset.state") == "live"
