# SPDX-License-Identifier: Apache-2.0
"""The scene that is measured: 1280x720 at 30 pictures a second, textured, moving and noisy, the same every time.

Each picture carries the machine-readable clock: two rows of 40 blocks, the time in milliseconds above the number of
the picture, so that whoever shows it can tell its age.
"""

import fcntl
import os
import random
import threading
import time

WIDTH, HEIGHT, RATE = 1280, 720, 30
BLOCK, ROW = WIDTH // 40, 24
LOOP = 60
F_SETPIPE_SZ = 1031


def pictures():
    """LOOP pictures in I420: a panning texture under the noise of a sensor."""
    chance = random.Random(1)
    size = WIDTH * HEIGHT
    tall = HEIGHT + 4 * LOOP
    rows = []
    coarse = [[chance.randrange(40, 200) for _ in range(WIDTH // 16)] for _ in range(tall // 16 + 1)]
    for y in range(tall):
        fine = chance.randrange(16)
        shades = coarse[y // 16]
        rows.append(bytes(shades[x // 16] + ((x * 3 + y * 5 + fine) & 15) for x in range(WIDTH)))
    texture = b"".join(rows)
    # Each byte of the mask keeps three bits of noise; no sum passes 255, so whole pictures add as one number.
    mask = int.from_bytes(b"\x07" * size, "little")
    chroma = bytes(128 + ((x // 20 + y // 20) % 5 - 2) * 12 for y in range(HEIGHT // 2) for x in range(WIDTH // 2))
    for number in range(LOOP):
        start = number * 4 * WIDTH
        plain = int.from_bytes(texture[start : start + size], "little")
        noise = int.from_bytes(chance.randbytes(size), "little") & mask
        yield bytearray((plain + noise).to_bytes(size, "little") + chroma + chroma)


def clock_row(value):
    """The 24 lines that show a 32-bit value."""
    nibbles = [(value >> shift) & 15 for shift in range(28, -1, -4)]
    bits = [1, 0]
    for nibble in nibbles + [sum(nibbles) & 15]:
        bits += [(nibble >> shift) & 1 for shift in (3, 2, 1, 0)]
    bits += [0, 1]
    return b"".join((b"\xd2" if bit else b"\x28") * BLOCK for bit in bits) * ROW


class Feeder(threading.Thread):
    """Writes the scene into a FIFO as a camera would: one picture every thirtieth of a second, none kept back."""

    def __init__(self, path, scene):
        super().__init__(daemon=True)
        self.path = str(path)
        self.scene = [bytearray(picture) for picture in scene]
        self.sent = 0
        self.ending = threading.Event()
        os.mkfifo(self.path)

    def run(self):
        try:
            with open(self.path, "wb", buffering=0) as pipe:
                fcntl.fcntl(pipe, F_SETPIPE_SZ, 1 << 20)
                pipe.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
                due = time.monotonic()
                while not self.ending.is_set():
                    due += 1 / RATE
                    time.sleep(max(0, due - time.monotonic()))
                    picture = self.scene[self.sent % LOOP]
                    picture[ROW * WIDTH : 2 * ROW * WIDTH] = clock_row(self.sent)
                    picture[: ROW * WIDTH] = clock_row(int(time.time() * 1000) & 0xFFFFFFFF)
                    self._write(pipe, b"FRAME\n")
                    self._write(pipe, picture)
                    self.sent += 1
        except BrokenPipeError:
            pass

    def end(self):
        """Ends the stream; waits for the last picture."""
        self.ending.set()
        self.join(5)

    @staticmethod
    def _write(pipe, data):
        rest = memoryview(data)
        while rest:
            rest = rest[pipe.write(rest) :]
