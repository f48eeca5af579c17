# SPDX-License-Identifier: Apache-2.0
"""usage: run.py [--program COMMAND] [--long] [PART…]    runs the tests of the parts
(page, whep, ws, call, channels, share, sound, service, config, sensors, control, bell, tls, hostile, arm64, peers)

A test is a function whose name begins with test_; its first line of documentation is its name. Without a PART:
page, whep, ws, call, channels, share, sound, service, config, sensors, control, bell, tls and hostile; with --long, attacks last a minute. Ends with `N passed, N failed`.
"""

import argparse
import importlib
import inspect
import pathlib
import sys
import time
import traceback

import program


def tests_of(part):
    module = importlib.import_module(f"test_{part}")
    functions = [value for name, value in vars(module).items() if name.startswith("test_")]
    return sorted(functions, key=lambda function: function.__code__.co_firstlineno)


def run(parts, only):
    tests = [test for part in parts for test in tests_of(part) if only in test.__name__]
    if not tests:
        sys.exit("run.py: no such test")
    failed = 0
    browser = holder = None
    try:
        for test in tests:
            start = time.monotonic()
            arguments = []
            try:
                if "browser" in inspect.signature(test).parameters:
                    if browser is None:
                        from browser import chromium

                        holder = chromium()
                        browser = holder.__enter__()
                    arguments = [browser]
                found = test(*arguments)
                verdict = "ok" if found is None else f"ok: {found}"
            except Exception:
                failed += 1
                verdict = f"FAILED\n{traceback.format_exc()}"
            name = (test.__doc__ or test.__name__).splitlines()[0]
            print(f"{name} ({time.monotonic() - start:.1f} s): {verdict}", flush=True)
    finally:
        if holder:
            holder.__exit__(None, None, None)
    print(f"{len(tests) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--program", help="a command line in place of the release binary")
    words.add_argument("--long", action="store_true", help="attacks as long as the requirements say")
    words.add_argument("--only", default="", help="only tests whose function name holds this")
    words.add_argument("parts", nargs="*", metavar="PART")
    given = words.parse_args()
    program.LONG = given.long
    if given.program:
        program.use(given.program)
    elif not pathlib.Path(program.BINARY).exists():
        print("there is no .build/release/porthole: run make build\n0 passed, 1 failed")
        sys.exit(1)
    parts = ["page", "whep", "ws", "call", "channels", "share", "sound", "service", "config", "sensors", "control", "bell", "tls", "hostile"]
    sys.exit(run(given.parts or parts, given.only))
