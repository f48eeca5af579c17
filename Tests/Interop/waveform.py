# SPDX-License-Identifier: Apache-2.0
"""Sounds whose every sample is known, and how much another sound is like them."""

import cmath
import math

RATE = 48_000


def tone(hertz, amplitude, seconds):
    return [amplitude * math.sin(2 * math.pi * hertz * index / RATE) for index in range(round(seconds * RATE))]


def speech(seconds):
    """Three syllables a second of a gliding voice: harmonics of 110 to 170 Hz, loud and soft."""
    samples, phase = [], 0.0
    for index in range(round(seconds * RATE)):
        now = index / RATE
        phase += 2 * math.pi * (140 + 30 * math.sin(2 * math.pi * 0.7 * now)) / RATE
        voice = sum(math.sin(number * phase) / number for number in range(1, 9))
        samples.append(0.25 * voice * math.sin(math.pi * 3 * now) ** 2)
    return samples


def level(samples):
    """In dBFS, where a sine at full scale is 0."""
    return 10 * math.log10(2 * sum(sample * sample for sample in samples) / len(samples) + 1e-20)


def likeness(known, heard):
    """How much of `known` is in `heard`, 0 to 1, up to 4 kHz: the mean, over its quarters of a second, of each one's
    greatest correlation with a stretch of `heard`. Quarters, since a jitter buffer may stretch sound between them."""
    heard = _lower(heard)
    size = 1 << (len(heard) - 1).bit_length()
    spectrum = _transform([*heard, *[0.0] * (size - len(heard))])
    power = [0.0]
    for sample in heard:
        power.append(power[-1] + sample * sample)
    known = _lower(known)
    length = RATE // 6 // 4
    pieces = [known[start : start + length] for start in range(0, len(known) - length + 1, length)]
    return sum(_correlation(piece, spectrum, power) for piece in pieces) / len(pieces)


def _correlation(piece, spectrum, power):
    other = _transform([*piece, *[0.0] * (len(spectrum) - len(piece))])
    # The inverse transform is the transform of the conjugate.
    product = _transform([(a * b.conjugate()).conjugate() for a, b in zip(spectrum, other)])
    energy = sum(sample * sample for sample in piece)
    best = 0.0
    for start in range(len(power) - len(piece)):
        there = power[start + len(piece)] - power[start]
        best = max(best, product[start].real / len(spectrum) / math.sqrt(energy * there + 1e-12))
    return best


def _lower(samples):
    """A sixth of the rate, by the mean of six samples."""
    return [sum(samples[start : start + 6]) / 6 for start in range(0, len(samples) - 5, 6)]


def _transform(values):
    """The discrete Fourier transform of a power of two of values."""
    if len(values) == 1:
        return values
    even, odd = _transform(values[::2]), _transform(values[1::2])
    half = len(values) // 2
    turned = [cmath.exp(-2j * math.pi * index / len(values)) * odd[index] for index in range(half)]
    return [even[index] + turned[index] for index in range(half)] + [even[index] - turned[index] for index in range(half)]
