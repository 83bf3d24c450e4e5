"""Sounds made by the station itself, as pure functions: mono float32 in -1..1 at a given rate."""

from __future__ import annotations

import numpy as np


def _fade(samples: np.ndarray, rate: int, end_seconds: float = 0.01) -> np.ndarray:
    """The same sound without clicks at its ends, as float32: begins within 10 ms, dies away over ``end_seconds``."""
    for seconds, part in ((0.01, samples), (end_seconds, samples[::-1])):
        count = min(round(rate * seconds), len(samples) // 2)
        part[:count] *= np.linspace(0.0, 1.0, count)
    return samples.astype(np.float32)


def tone(rate: int = 48000, seconds: float = 1.0, hertz: float = 1000.0, level: float = 0.25) -> np.ndarray:
    """A test tone: a sine of ``level`` (peak)."""
    time = np.arange(round(rate * seconds)) / rate
    return _fade(level * np.sin(2 * np.pi * hertz * time), rate)


def chime(rate: int = 48000, notes: tuple[float, ...] = (783.99, 659.26, 523.25), level: float = 0.5) -> np.ndarray:
    """Bell strokes of ``notes`` (hertz), 0.45 s apart, the last ringing out."""
    out = np.zeros(round(rate * (0.45 * len(notes) + 1.8)))
    for index, hertz in enumerate(notes):
        start = round(rate * 0.45 * index)
        time = np.arange(len(out) - start) / rate
        for partial, size, decay in ((1.0, 1.0, 2.2), (2.0, 0.35, 3.5), (3.01, 0.12, 6.0)):
            out[start:] += size * np.exp(-decay * time) * np.sin(2 * np.pi * hertz * partial * time)
    return _fade(out * (level / np.abs(out).max()), rate, 0.5)


def siren(rate: int = 48000, seconds: float = 6.0, low: float = 500.0, high: float = 1100.0,
          level: float = 0.6) -> np.ndarray:
    """A warning wail that sweeps between ``low`` and ``high`` hertz every three seconds, with no jump of phase."""
    time = np.arange(round(rate * seconds)) / rate
    hertz = low + (high - low) * (0.5 - 0.5 * np.cos(2 * np.pi * time / 3.0))
    phase = 2 * np.pi * np.cumsum(hertz) / rate
    return _fade(level * (np.sin(phase) + 0.3 * np.sin(2 * phase)) / 1.3, rate)


def closing(rate: int = 48000) -> np.ndarray:
    """The chime turned round: rising, to end a program."""
    return chime(rate, (523.25, 659.26, 783.99))


def separator(rate: int = 48000, level: float = 0.4) -> np.ndarray:
    """Two short strokes between items, about a second in all."""
    time = np.arange(round(rate * 1.1)) / rate
    out = np.zeros(len(time))
    for start, hertz in ((0.0, 659.26), (0.18, 880.0)):
        since = np.maximum(time - start, 0.0)
        out += (time >= start) * np.exp(-5.0 * since) * (
            np.sin(2 * np.pi * hertz * since) + 0.3 * np.sin(4 * np.pi * hertz * since)
        )
    return _fade(out * (level / np.abs(out).max()), rate, 0.2)


def bed(rate: int = 48000, seconds: float = 24.0, level: float = 0.3) -> np.ndarray:
    """A calm bed of soft chords that loops without a seam.

    Four chords follow each other by slow cross-fades of equal power; every frequency is a multiple of
    ``1 / seconds``, so that the end runs on into the beginning.  Each note swells by its detuned neighbors a third of a
    turn after the one before it, so that the three together stay equally loud.
    """
    count = round(rate * seconds)
    turn = np.arange(count) / count
    out = np.zeros(count)
    chords = ((261.63, 329.63, 392.0), (220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (196.0, 246.94, 293.66))
    for index, notes in enumerate(chords):
        away = np.abs((turn - index / len(chords) + 0.5) % 1.0 - 0.5) * len(chords)
        lines = np.zeros(count // 2 + 1, complex)
        for place, hertz in enumerate(notes):
            for detune, size in ((-2, 0.5), (0, 1.0), (2, 0.5)):
                cycles, swell = round(hertz * seconds) + detune, np.sign(detune) * 2 * np.pi * place / len(notes)
                lines[cycles] += size * np.exp(1j * (place + swell))
                lines[2 * cycles] += 0.25 * size * np.exp(1j * (2 * place + swell))
        out += np.cos(np.pi / 2 * np.minimum(away, 1.0)) * np.fft.irfft(lines, count)
    return (out * (level / np.abs(out).max())).astype(np.float32)
