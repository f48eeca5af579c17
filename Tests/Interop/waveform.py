# SPDX-License-Identifier: Apache-2.0
"""Sounds whose every sample is known, and how much another sound is like them."""

import cmath
import math
import random

RATE = 48_000


def tone(hertz, amplitude, seconds):
    return [amplitude * math.sin(2 * math.pi * hertz * index / RATE) for index in range(round(seconds * RATE))]


def speech(seconds, seed=1):
    """Something like speech, the same for the same seed: syllables of pulses through three resonances, with pauses."""
    chance = random.Random(seed)
    samples = []
    while len(samples) < seconds * RATE:
        length = chance.randrange(4000, 12000)
        if chance.random() < 0.15:
            samples += [0.0] * length
            continue
        period = RATE / chance.uniform(95, 190)
        poles = []
        for low, high in [(250, 850), (900, 2200), (2300, 3400)]:
            radius = math.exp(-math.pi * 90 / RATE)
            poles.append((2 * radius * math.cos(2 * math.pi * chance.uniform(low, high) / RATE), -radius * radius, 1 - radius))
        past = [(0.0, 0.0)] * 3
        phase = 0.0
        for index in range(length):
            phase += 1 / period
            pulse = 8.0 if phase >= 1 else chance.uniform(-0.1, 0.1)
            phase %= 1
            envelope = min(1, 8 * index / length, 8 * (1 - index / length))
            total = 0.0
            for number, (first, second, gain) in enumerate(poles):
                output = gain * pulse * envelope + first * past[number][0] + second * past[number][1]
                past[number] = (output, past[number][0])
                total += output
            samples.append(total)
    loudest = max(abs(sample) for sample in samples)
    return [0.5 * sample / loudest for sample in samples]


def level(samples):
    """In dBFS, where a sine at full scale is 0."""
    return 10 * math.log10(2 * sum(sample * sample for sample in samples) / len(samples) + 1e-20)


def likeness(known, heard):
    """How much of `known` is in `heard`, 0 to 1, up to 4 kHz: the mean, over its quarters of a second that are not silent, of each
    one's greatest correlation with a stretch of `heard`. Quarters, since a jitter buffer may stretch sound between them."""
    heard = _lower(heard)
    size = 1 << (len(heard) - 1).bit_length()
    spectrum = _transform([*heard, *[0.0] * (size - len(heard))])
    power = [0.0]
    for sample in heard:
        power.append(power[-1] + sample * sample)
    known = _lower(known)
    length = RATE // 6 // 4
    pieces = [known[start : start + length] for start in range(0, len(known) - length + 1, length)]
    loud = sum(sample * sample for sample in known) / len(known)
    pieces = [piece for piece in pieces if sum(sample * sample for sample in piece) > 0.1 * loud * length]
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
