"""Checks on what an engine gave: silence, clipping, a cut-off or babbling sentence, a wrong rate.

Pure functions on mono float samples.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from station.voices.clean_text import count_syllables

#: dBFS of the loudest 0.2 s; speech engines give -25 to -5, an empty output -90 and below
SILENCE_DBFS = -45.0
#: seconds a syllable at speed 1: a fast newsreader takes 0.15, a slow one 0.35 (pauses at commas included)
SHORTEST_SYLLABLE, LONGEST_SYLLABLE = 0.075, 0.85
#: seconds of a syllable without the silence around it and in it: a fast newsreader takes 0.11
SHORTEST_SOUND = 0.06
#: dB below the loudest part under which nothing is being said
PAUSE_DB = 40.0
#: seconds of sound that is looked at together
FRAME_SECONDS = 0.02
#: seconds of silence and breath that an engine may add to any sentence
MARGIN_SECONDS = 1.5
#: parts of the length that this voice's other sentences make expected; eSpeak NG stays within 0.8 and 1.15
LEAST_OF_EXPECTED, MOST_OF_EXPECTED = 0.55, 2.2


class Problem(StrEnum):
    """What is wrong with a spoken sentence; the value is a stable code."""

    EMPTY = "empty"
    NOT_FINITE = "not_finite"
    SILENT = "silent"
    CLIPPED = "clipped"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BABBLE = "babble"
    WRONG_RATE = "wrong_rate"


#: what staff read
MESSAGES = {
    Problem.EMPTY: "giọng đọc không trả về âm thanh",
    Problem.NOT_FINITE: "giọng đọc trả về âm thanh hỏng",
    Problem.SILENT: "câu đọc ra bị câm",
    Problem.CLIPPED: "câu đọc ra bị vỡ tiếng",
    Problem.TOO_SHORT: "câu đọc ra bị cụt",
    Problem.TOO_LONG: "câu đọc ra dài bất thường",
    Problem.BABBLE: "câu đọc ra bị lặp tiếng",
    Problem.WRONG_RATE: "tần số lấy mẫu không đúng",
}


def _powers(samples: np.ndarray, size: int) -> np.ndarray:
    """The sum of squares of each frame of ``size`` samples; a rest is left out."""
    count = len(samples) // size
    frames = np.ascontiguousarray(samples[: count * size]).reshape(count, size)
    return np.einsum("ij,ij->i", frames, frames)


def loudest_dbfs(samples: np.ndarray, sample_rate: int, window_seconds: float = 0.2) -> float:
    """RMS level of the loudest window in dBFS; -120 for digital silence."""
    if not len(samples):
        return -120.0
    window = min(max(1, int(sample_rate * window_seconds)), len(samples))
    power = float(_powers(samples, window).max()) / window
    return 10.0 * math.log10(max(power, 1e-12))


def _sounding_frames(powers: np.ndarray) -> int:
    """How many frames are within 40 dB of the loudest one: in them something is said."""
    return int(np.count_nonzero(powers > powers.max(initial=0.0) * 10.0 ** (-PAUSE_DB / 10.0)))


def _loudest_power(powers: np.ndarray, size: int) -> float:
    """Power of a sample in the loudest ten frames in a row, counted in tens; of all where there are fewer."""
    tens = powers[: max(len(powers) // 10, 1) * 10]
    return float(tens.reshape(-1, min(10, len(tens))).sum(axis=1).max()) / (min(10, len(tens)) * size)


def clipped_share(samples: np.ndarray) -> float:
    """Share of samples inside flat tops: runs of at least four samples at full scale."""
    if not len(samples) or (samples.max() < 0.999 and samples.min() > -0.999):
        return 0.0
    full = np.flatnonzero((samples >= 0.999) | (samples <= -0.999))  # few
    ends = np.flatnonzero(np.diff(full, append=len(samples) + 1) > 1)
    lengths = np.diff(ends, prepend=-1)
    return float(lengths[lengths >= 4].sum()) / len(samples)


def _features(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Log energies in 24 bands (100 Hz to 5 kHz), one row each 20 ms, each band's mean taken away."""
    hop = int(sample_rate * 0.02)
    count = len(samples) // hop
    if count < 4:
        return np.zeros((0, 24))
    frames = samples[: count * hop].reshape(count, hop) * np.hanning(hop)
    spectrum = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    frequencies = np.fft.rfftfreq(hop, 1.0 / sample_rate)
    edges = np.geomspace(100.0, 5000.0, 25)
    bands = np.stack(
        [spectrum[:, (frequencies >= low) & (frequencies < max(high, low + 60.0))].sum(axis=1)
         for low, high in zip(edges[:-1], edges[1:], strict=True)], axis=1,
    )
    logs = np.log(bands + 1e-7)
    return logs - logs.mean(axis=0)


def repeats(samples: np.ndarray, sample_rate: int) -> bool:
    """Whether a piece of 0.3 to 2 s is said four times or more in a row, as a stuck neural voice does.

    A piece counts as said again when its spectrogram correlates at 0.9 or more with the one a period later, all
    over three periods; speech and noise stay below 0.6, reading the same word twice gives one period only.
    """
    features = _features(samples, sample_rate)
    norms = np.linalg.norm(features, axis=1) + 1e-6

    def likeness(lag: int, span: int) -> np.ndarray:
        """How like the sound is to itself ``lag`` frames later, over ``span`` frames from each place."""
        dots = np.concatenate(([0.0], np.cumsum((features[:-lag] * features[lag:]).sum(axis=1))))
        weights = np.concatenate(([0.0], np.cumsum(norms[:-lag] * norms[lag:])))
        return (dots[span:] - dots[:-span]) / (weights[span:] - weights[:-span])

    for lag in range(15, min(100, len(features) // 4) + 1):
        span = 3 * lag
        likes = likeness(lag, span)
        place = int(likes.argmax())
        # a held tone or steady noise is like itself at any distance; a repeated piece only a period later
        if likes[place] >= 0.9 and min(likeness(lag * part // 4, span)[place] for part in (1, 2, 3)) < 0.7:
            return True
    return False


def check_speech(
    samples: np.ndarray, sample_rate: int, text: str, *, speed: float = 1.0,
    expected_seconds: float | None = None, babble: bool = True,
) -> Problem | None:
    """The first thing wrong with mono float ``samples`` that should say ``text``; None when nothing is.

    ``expected_seconds`` is how long the voice's other sentences let expect, at ``speed``.  ``babble=False`` leaves out the search for repeats: only neural engines get stuck.
    """
    if samples.ndim != 1 or samples.size == 0:
        return Problem.EMPTY
    size = min(max(1, int(sample_rate * FRAME_SECONDS)), samples.size)
    powers = _powers(samples, size)
    if not (np.isfinite(powers).all() and np.isfinite(samples[len(powers) * size:]).all()):
        return Problem.NOT_FINITE
    if _loudest_power(powers, size) < 10.0 ** (SILENCE_DBFS / 10.0):
        return Problem.SILENT
    if clipped_share(samples) > 0.005:
        return Problem.CLIPPED
    seconds = len(samples) / sample_rate
    syllables = count_syllables(text)
    if seconds < syllables * SHORTEST_SYLLABLE / max(speed, 1.0):
        return Problem.TOO_SHORT
    if _sounding_frames(powers) * size / sample_rate < syllables * SHORTEST_SOUND / max(speed, 1.0):
        return Problem.TOO_SHORT  # the rest is silence
    if expected_seconds is not None and seconds < LEAST_OF_EXPECTED * expected_seconds:
        return Problem.TOO_SHORT
    if expected_seconds is not None and seconds > MOST_OF_EXPECTED * expected_seconds + MARGIN_SECONDS:
        return Problem.TOO_LONG
    if seconds > syllables * LONGEST_SYLLABLE / min(speed, 1.0) + MARGIN_SECONDS:
        return Problem.TOO_LONG
    words = text.lower().split()
    said_again = any(words[i] == words[i + 1] == words[i + 2] for i in range(len(words) - 2))
    if babble and not said_again and repeats(samples, sample_rate):
        return Problem.BABBLE
    return None
